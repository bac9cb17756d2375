"""Names labels that are numbers the same way, whatever the format of the file that has them."""

import math
from collections.abc import Collection


def number_of(label: str) -> float | None:
    """Return the number that a label is the usual text of, such as 3, 1.0 or 0.25; None for any other text.

    01, 1.50 and 1_000 are names, because another text is usual for their numbers.
    """
    try:
        number = float(label)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return number if label in (repr(number), _integer(label)) else None


def named_by_number(labels: Collection[str]) -> dict[str, str]:
    """Return the name of each label, as a column of numbers names its values.

    If every label is a number, and all are integral, 1.0 is named 1; if one of them has a fraction, 1 is named 1.0.
    If a label is no number, every label is its own name.
    """
    numbers = {label: number_of(label) for label in labels}
    if any(number is None for number in numbers.values()):
        return {label: label for label in labels}
    integral = all(number is not None and number.is_integer() for number in numbers.values())
    return {label: _named(label, number, integral) for label, number in numbers.items() if number is not None}


def _named(label: str, number: float, integral: bool) -> str:
    if not integral:
        return repr(number)
    return _integer(label) or str(int(number))


def _integer(label: str) -> str | None:
    """Return the usual text of an integer that a label is a text of, exact at any size."""
    try:
        return str(int(label))
    except ValueError:
        return None

"""Numbers that are learned."""

import math

import numpy as np


def finite_number(value: object, what: str) -> float:
    """Return a value, or the text of one, as a number; raises ValueError where it is none, or not finite."""
    if value is None or isinstance(value, bool) or not isinstance(value, str | int | float | np.number):
        raise ValueError(f"the {what} is a number, not {value!r}")
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"the {what} is a number, not {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"the {what} is a finite number, not {value!r}")
    return number

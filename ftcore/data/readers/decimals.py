"""Reads numbers that are written with a decimal comma."""

import re
from collections.abc import Collection, Iterable, Iterator

from ftcore.data.readers.base import Row

COMMA = ","
WITH_COMMA = re.compile(r"\s*[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?\s*")
WITH_POINT = re.compile(r"\s*[+-]?(\d+\.\d*|\.\d+)([eE][+-]?\d+)?\s*")


def with_points(rows: Iterable[Row], numbers: Collection[str]) -> Iterator[Row]:
    """Yield rows whose numbers, given as text with a decimal comma, have a decimal point.

    A number with a decimal point makes a row bad, because the point may stand between thousands.

    Args:
        rows: the rows.
        numbers: the columns that may be numbers; others are not changed.
    """
    for row in rows:
        try:
            yield row._replace(
                values={name: _value(name, given) if name in numbers else given for name, given in row.values.items()}
            )
        except ValueError as error:
            yield row._replace(values={}, problem=str(error))


def _value(name: str, given: object) -> object:
    if not isinstance(given, str):
        return given
    if WITH_POINT.fullmatch(given):
        raise ValueError(f"the column {name!r} is {given!r}, with a point, but data.decimal is ','")
    return given.replace(COMMA, ".") if WITH_COMMA.fullmatch(given) else given

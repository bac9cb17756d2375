"""Reads numeric targets."""

import math
import re

import numpy as np

LARGEST = float(np.finfo(np.float32).max)
"""The largest value that float32 can store."""
DECIMAL_COMMA = re.compile(r"\s*[+-]?\d*,\d+\s*")


def finite_number(value: object, what: str) -> float:
    """Return a number, or the text of one, as float; raises ValueError unless it is finite in float32."""
    if value is None or isinstance(value, bool) or not isinstance(value, str | int | float | np.number):
        raise ValueError(f"the {what} must be a number, not {value!r}")
    try:
        number = float(value)
    except ValueError:
        hint = ": for a decimal comma set data.decimal" if DECIMAL_COMMA.fullmatch(str(value)) else ""
        raise ValueError(f"the {what} must be a number, not {value!r}{hint}") from None
    except OverflowError:
        number = math.inf
    if not abs(number) <= LARGEST:
        raise ValueError(f"the {what} must be a finite number, not {value!r}")
    return number

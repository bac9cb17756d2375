"""Numbers that are learned."""

import math

import numpy as np

LARGEST = float(np.finfo(np.float32).max)
"""Of what is stored as float32."""


def finite_number(value: object, what: str) -> float:
    """Return a value, or the text of one, as a number; raises ValueError where it is none, or not finite in float32."""
    if value is None or isinstance(value, bool) or not isinstance(value, str | int | float | np.number):
        raise ValueError(f"the {what} is a number, not {value!r}")
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"the {what} is a number, not {value!r}") from None
    except OverflowError:
        number = math.inf
    if not abs(number) <= LARGEST:
        raise ValueError(f"the {what} is a finite number, not {value!r}")
    return number

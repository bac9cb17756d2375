"""Reads names of classes and groups."""

import math

import numpy as np


def name_text(value: object, what: str) -> str:
    """Return a name as text; raises ValueError if the value is not a text, a finite number or a boolean.

    Args:
        value: a value of a row.
        what: what it names, for errors.
    """
    if isinstance(value, str):
        if not value.strip():
            raise ValueError(f"the {what} is empty")
        return value
    if isinstance(value, bool | np.bool_ | int | np.integer):
        return str(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        raise ValueError(f"the {what} is missing")
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() else repr(float(value))
    raise ValueError(f"a {what} is a string or a number, not {value!r}")

"""Reads names of classes and groups."""

import numpy as np


def name_text(value: object, what: str) -> str:
    """Return a name as text; raises ValueError if the value is not a text, a whole number or a boolean.

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
    if value is None:
        raise ValueError(f"the {what} is missing")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    raise ValueError(f"a {what} is a string or an integer, not {value!r}")

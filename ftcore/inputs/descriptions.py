"""Checks of the fields of ftcore.json: each returns what is wrong, one line each."""

from collections.abc import Mapping, Sequence
from typing import Any


def check_type(description: Mapping[str, Any], name: str, kind: type) -> Sequence[str]:
    """Return what is wrong where a field is not of a type."""
    if isinstance(description.get(name), kind):
        return []
    return [f"{name} is {description.get(name)!r}, and must be {kind.__name__}"]


def check_choice(description: Mapping[str, Any], name: str, values: Sequence[str]) -> Sequence[str]:
    """Return what is wrong where a field is none of some values."""
    if description.get(name) in values:
        return []
    return [f"{name} is {description.get(name)!r}; allowed: {', '.join(values)}"]

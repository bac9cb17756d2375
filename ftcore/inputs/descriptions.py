"""Checks fields of ftcore.json; each check returns its errors, one line per error."""

from collections.abc import Mapping, Sequence
from typing import Any


def check_type(description: Mapping[str, Any], name: str, kind: type) -> Sequence[str]:
    """Return an error unless a field has the given type."""
    if isinstance(description.get(name), kind):
        return []
    return [f"{name} is {description.get(name)!r}, but must be {kind.__name__}"]


def check_choice(description: Mapping[str, Any], name: str, values: Sequence[str]) -> Sequence[str]:
    """Return an error unless a field has one of the given values."""
    if description.get(name) in values:
        return []
    return [f"{name} is {description.get(name)!r}; allowed: {', '.join(values)}"]

"""Reads single fields of a config.json, with errors that name the field."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ftcore.errors import ModelError
from ftcore.helpers import did_you_mean

MOST_BLOCKS = 1000
"""A config with more blocks is taken to be damaged."""
_READ: ContextVar[set[str] | None] = ContextVar("read", default=None)


@contextmanager
def recording() -> Iterator[set[str]]:
    """Yield a set that collects the names of the fields that are read."""
    names: set[str] = set()
    token = _READ.set(names)
    try:
        yield names
    finally:
        _READ.reset(token)


def given(config: Mapping[str, Any], name: str, default: Any = None) -> Any:
    """Return a field unchanged, or `default`."""
    names = _READ.get()
    if names is not None:
        names.add(name)
    return config.get(name, default)


def count(config: Mapping[str, Any], name: str, default: int, largest: int = 2**31 - 1, *, smallest: int = 1) -> int:
    """Return a whole number from `smallest` to `largest`."""
    value = given(config, name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not smallest <= value <= largest:
        raise ModelError(f"{name} is {value!r}, but must be a whole number from {smallest} to {largest}")
    return value


def counts(config: Mapping[str, Any], name: str, default: tuple[int, ...]) -> tuple[int, ...]:
    """Return a list of one or more whole numbers of at least 1."""
    values = given(config, name, default)
    if not isinstance(values, list | tuple) or not values:
        raise ModelError(f"{name} is {values!r}, but must be a list of whole numbers of at least 1")
    return tuple(count({f"{name}[{place}]": value}, f"{name}[{place}]", 1) for place, value in enumerate(values))


def flag(config: Mapping[str, Any], name: str, default: bool) -> bool:
    """Return true or false; null is the default."""
    value = given(config, name)
    value = default if value is None else value
    if not isinstance(value, bool):
        raise ModelError(f"{name} is {value!r}, but must be true or false")
    return value


def size(config: Mapping[str, Any], name: str, default: int) -> tuple[int, int]:
    """Return height and width; one number gives both."""
    value = given(config, name, default)
    both = list(value) if isinstance(value, list | tuple) else [value, value]
    if len(both) != 2:
        raise ModelError(f"{name} is {value!r}, but must be one whole number, or height and width")
    height, width = (count({name: one}, name, default) for one in both)
    return height, width


def positive(config: Mapping[str, Any], name: str, default: float) -> float:
    """Return a finite number above 0."""
    value = given(config, name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < math.inf:
        raise ModelError(f"{name} is {value!r}, but must be a finite number above 0")
    return float(value)


def rate(config: Mapping[str, Any], name: str, default: float) -> float:
    """Return a dropout rate, at least 0 and below 1; null is the default."""
    value = given(config, name)
    value = default if value is None else value
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1:
        raise ModelError(f"{name} is {value!r}, but must be a rate of at least 0 and below 1")
    return float(value)


def row(config: Mapping[str, Any], name: str, default: int | None, rows: int) -> int | None:
    """Return a row of a table of `rows` rows, or None."""
    value = given(config, name, default)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < rows:
        raise ModelError(f"{name} is {value!r}, but must be null or an id from 0 to {rows - 1}")
    return value


def choice(config: Mapping[str, Any], name: str, default: str, allowed: Mapping[str, Any]) -> Any:
    """Return the entry of `allowed` for the field's value."""
    value = given(config, name, default)
    if not isinstance(value, str) or value not in allowed:
        near = did_you_mean(value, allowed) if isinstance(value, str) else ""
        raise ModelError(f"{name} {value!r} is not supported{near}; allowed: {', '.join(allowed)}")
    return allowed[value]


def refuse(config: Mapping[str, Any], neutral: Mapping[str, tuple[Any, ...]]) -> None:
    """Raise ModelError if a field has a value that is not neutral, that is, one that changes the mathematics."""
    for name, values in neutral.items():
        if name in config and given(config, name) not in values:
            allowed = " or ".join(repr(value) for value in values)
            raise ModelError(f"{name} is {config[name]!r}, which ftcore does not support; allowed: {allowed}")


def with_dropout(config: Mapping[str, Any], names: tuple[str, ...], dropout: float | None) -> dict[str, Any]:
    """Return a config whose dropout rates are all `dropout`, if that is given."""
    return dict(config) if dropout is None else {**config, **dict.fromkeys(names, dropout)}

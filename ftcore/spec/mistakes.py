"""Translates pydantic's errors for users: where, what was given, what is allowed."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ftcore.helpers import did_you_mean
from ftcore.parts import MisfitError, Place
from ftcore.spec.choices import with_names
from ftcore.spec.expectations import (
    ABSENT,
    allowed_fields,
    child,
    choices_with,
    elsewhere,
    expected,
    literal_values,
    members_at,
    tasks_with,
)

LONGEST = 60
"""Maximum number of characters of a value that an error shows."""


def mistakes(error: ValidationError, values: Any) -> list[tuple[Place, str]]:
    """Return the place and message of each mistake.

    Args:
        error: the error that TaskSpec raised.
        values: the spec as given.
    """
    values = with_names(values)
    found: dict[Place, list[str]] = {}
    for item in error.errors(include_url=False):
        place = _place(item["loc"], values, item["type"] == "missing")
        for inner, text in _texts(item, place, values):
            texts = found.setdefault(inner, [])
            if text not in texts:
                texts.append(text)
    return [(place, text) for place, texts in found.items() if not _has_deeper(place, found) for text in texts]


def show(value: Any) -> str:
    """Return a value as YAML would show it, shortened."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "a list"
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _place(location: tuple[int | str, ...], values: Any, missing: bool) -> Place:
    """Drop the parts of pydantic's location that name an alternative of a union and are not keys of the spec."""
    place: list[str | int] = []
    for number, key in enumerate(location):
        inner = child(values, key)
        if inner is not ABSENT or (missing and number == len(location) - 1):
            place.append(key)
            values = inner
    return tuple(place)


def _texts(item: Any, place: Place, values: Any) -> list[tuple[Place, str]]:
    kind, given = item["type"], item["input"]
    if kind == "value_error":
        cause = item["ctx"]["error"]
        if isinstance(cause, MisfitError):
            return [((*place, *inner), text) for inner, text in cause.problems]
        return [(place, str(cause))]
    if kind == "missing":
        return [(place, "required, but not given")]
    if kind == "extra_forbidden":
        return [(place, _unknown(place, values))]
    if kind == "string_too_short":
        return [(place, "given empty text")]
    members = members_at(place, values)
    if kind == "union_tag_invalid":
        given = item["ctx"]["tag"]  # and not the mapping around it
    near = did_you_mean(given, literal_values(members)) if isinstance(given, str) else ""
    return [(place, f"given {show(given)}{near}; allowed: {expected(members)}")]


def _unknown(place: Place, values: Any) -> str:
    """Return the message for a field that the spec of this task does not have."""
    allowed, name, task = allowed_fields(place[:-1], values), str(place[-1]), child(values, "task")
    if choices := choices_with(place, values):
        return f"unknown field, it is one of {_listed(choices)}; allowed: {', '.join(allowed)}"
    owners = tasks_with(place)
    near = did_you_mean(name, allowed)
    if not near and not owners and (other := elsewhere(name, str(place[0]), task)):
        near = f" (did you mean {other}?)"
    where = f" in the task {task}, it is one of {_listed(owners)}" if owners else ""
    return f"unknown field{where}{near}; allowed: {', '.join(allowed)}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _has_deeper(place: Place, found: Mapping[Place, Any]) -> bool:
    """Return whether there is a mistake inside this place: then an alternative fits better than this error tells."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in found)

"""Describes in words what is allowed at a place of a spec, from the annotations of TaskSpec."""

import difflib
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from ftcore.parts import Place, SpecPart
from ftcore.spec.task_spec import spec_class
from ftcore.tasks import TASKS

ABSENT: Any = object()
"""Stands for a missing value, because null is a value."""

_SCALARS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
_BOUNDS = (
    (annotated_types.Ge, "ge", "of at least"),
    (annotated_types.Gt, "gt", "above"),
    (annotated_types.Le, "le", "of at most"),
    (annotated_types.Lt, "lt", "below"),
)


@dataclass(frozen=True)
class Member:
    """One alternative of an annotation: a type and the bounds on it."""

    type: Any
    metadata: tuple[Any, ...] = ()


def members_at(place: Place, values: Any) -> list[Member]:
    """Return the alternatives that TaskSpec allows at a place; [] if there is no such place.

    Args:
        place: the place in the spec.
        values: the whole spec as given, for variants that are chosen by name.
    """
    found = [Member(spec_class(child(values, "task")))]
    for key in place:
        found = list(_step(found, key, values))
        values = child(values, key)
    return found


def allowed_fields(place: Place, values: Any) -> list[str]:
    """Return the fields of the mapping at a place; [] if it has no fixed fields."""
    value = values
    for key in place:
        value = child(value, key)
    for part in _chosen(members_at(place, values), value):
        return list(part.model_fields)
    return []


def expected(members: list[Member]) -> str:
    """Return what is allowed, in words: "epoch or a whole number of at least 1"."""
    phrases = list(dict.fromkeys(filter(None, map(_phrase, members))))
    *words, last = [*literal_values(members), *phrases]
    return f"{', '.join(words)} or {last}" if words else last


def literal_values(members: list[Member]) -> list[str]:
    """Return the literal words that are allowed: the values of a Literal, and the names of choices."""
    words: list[str] = []
    for member in members:
        if get_origin(member.type) is Literal:
            words += [str(value) for value in get_args(member.type)]
        elif _name_of(member.type) is not None:
            words.append(str(_name_of(member.type)))
    return words


def elsewhere(name: str, part: str, task: object) -> str | None:
    """Return the field with the closest name in another part of a task's spec, such as "training.max_steps"."""
    fields: dict[str, str] = {}
    for other, item in spec_class(task).model_fields.items():
        for member in _members(item.annotation):
            if other != part and _is_part(member.type):
                fields |= {inner: f"{other}.{inner}" for inner in member.type.model_fields}
    near = difflib.get_close_matches(name, fields, n=1, cutoff=0.8)
    return fields[near[0]] if near else None


def choices_with(place: Place, values: Any) -> list[str]:
    """Return the names of the choices for the part around a place, such as optimizers, that have its field."""
    *above, field = place
    parts = [member.type for member in members_at(tuple(above), values) if _name_of(member.type) is not None]
    return [str(_name_of(part)) for part in parts if field in part.model_fields]


def tasks_with(place: Place) -> list[str]:
    """Return the tasks whose specs have a field at this place."""
    return [task for task in TASKS if _has(spec_class(task), place)]


def _has(kind: type[SpecPart], place: Place) -> bool:
    *above, last = place
    found = [Member(kind)]
    for key in above:
        found = list(_step(found, key, None))
    return any(str(last) in member.type.model_fields for member in found if _is_part(member.type))


def _members(annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[Member]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        yield from _members(inner, (*metadata, *more))
    elif origin in (Union, types.UnionType):
        for argument in get_args(annotation):
            yield from _members(argument, metadata)
    else:
        yield Member(annotation, metadata)


def _of_field(item: FieldInfo) -> Iterator[Member]:
    return _members(item.annotation, tuple(item.metadata))


def _step(found: list[Member], key: str | int, value: Any) -> Iterator[Member]:
    for part in _chosen(found, value):
        if isinstance(key, str) and key in part.model_fields:
            yield from _of_field(part.model_fields[key])
    for member in found:
        origin, arguments = get_origin(member.type), get_args(member.type)
        if origin is list and isinstance(key, int):
            yield from _members(arguments[0])
        elif origin is dict and isinstance(key, str):
            yield from _members(arguments[1])


def _chosen(members: list[Member], value: Any) -> list[type[SpecPart]]:
    """Return the part for a mapping: the only one, or the one chosen by its name."""
    parts = [member.type for member in members if _is_part(member.type)]
    if len(parts) > 1:
        parts = [part for part in parts if _name_of(part) == child(value, "name")]
    return parts


def _name_of(kind: Any) -> str | None:
    """Return the name that chooses a part among others; None if the part is not a choice."""
    if not _is_part(kind) or "name" not in kind.model_fields:
        return None
    name: str = kind.model_fields["name"].default
    return name


def _phrase(member: Member) -> str:
    if member.type in _SCALARS:
        return " ".join([_SCALARS[member.type], " and ".join(_bounds(member.metadata))]).strip()
    if member.type is type(None):
        return "null"
    if get_origin(member.type) is list:
        return "a list"
    if get_origin(member.type) is dict:
        return "a mapping"
    if _is_part(member.type):
        return "a mapping with a name" if _name_of(member.type) else "a mapping"
    return ""


def _bounds(metadata: tuple[Any, ...]) -> Iterator[str]:
    for item in metadata:
        if isinstance(item, annotated_types.GroupedMetadata):
            yield from _bounds(tuple(item))
        for kind, attribute, words in _BOUNDS:
            if isinstance(item, kind):
                yield f"{words} {getattr(item, attribute):g}"


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, SpecPart)


def child(values: Any, key: str | int) -> Any:
    """Return the value of a mapping or list under a key, or ABSENT."""
    if isinstance(values, Mapping) and key in values:
        return values[key]
    if isinstance(values, list) and isinstance(key, int) and key < len(values):
        return values[key]
    return ABSENT

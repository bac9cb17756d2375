"""Keeps the way in which earlier versions held rows out of train, where a spec does not give one."""

from collections.abc import Mapping
from typing import Any

from ftcore.spec import TaskSpec

SINCE = 3
"""The first version of specs whose runs keep equal rows on one side by default."""
BEFORE = "apart"
"""What earlier versions did, and what a run without an entry in environment.json did."""


def with_splitting(spec: TaskSpec, before: Mapping[str, Any] | None = None) -> TaskSpec:
    """Return a spec with `data.split_duplicates` as in an earlier run, or as when an earlier version wrote the spec.

    Args:
        spec: the spec; if it gives the field, it is returned unchanged.
        before: environment.json of the run that goes on; None for a new run.
    """
    if spec.data.split_duplicates is not None or not _holds_out(spec):
        return spec
    is_earlier = spec.version is not None and spec.version < SINCE
    way = (BEFORE if is_earlier else None) if before is None else recorded(before)
    return _with(spec, way) if way == BEFORE else spec


def goes_on_apart(spec: TaskSpec, before: Mapping[str, Any]) -> bool:
    """Return whether a run with this environment.json drew single rows although the spec does not say so."""
    return spec.data.split_duplicates is None and _holds_out(spec) and recorded(before) == BEFORE


def _holds_out(spec: TaskSpec) -> bool:
    return any(isinstance(part, float) for part in (spec.data.validation, spec.data.test))


def recorded(before: Mapping[str, Any]) -> str:
    """Return the way that environment.json of a run names."""
    way: str = before.get("split", {}).get("duplicates", BEFORE)
    return way


def forms_of(spec: TaskSpec, before: Mapping[str, Any]) -> list[TaskSpec]:
    """Return the spec in the forms that mean the same for a run: with the way of splitting, and without it.

    Args:
        spec: the given spec.
        before: environment.json of the run.
    """
    way = recorded(before)
    if spec.data.split_duplicates not in (None, way):
        return [spec]
    return [_with(spec, None), _with(spec, way)]


def _with(spec: TaskSpec, way: str | None) -> TaskSpec:
    return spec.model_copy(update={"data": spec.data.model_copy(update={"split_duplicates": way})})

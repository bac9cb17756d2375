"""Tells in what a given spec differs from that of a run folder."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ftcore.errors import SpecError
from ftcore.files import read_json
from ftcore.parts import Place, dotted
from ftcore.runs.splitting import forms_of
from ftcore.spec import NOT_HASHED, TaskSpec, moved_sha256, moved_values, read_spec, show, spec_sha256

SHOWN = 3
"""Maximum number of fields that a message names."""
ABSENT = object()


def run_difference(spec: TaskSpec, base: Path, folder: Path, backend: str) -> str | None:
    """Return in what a run folder differs from this spec and this backend, in words; None if it is the same run.

    environment.json has the hash of the spec; spec.yaml has its fields, with paths that are relative to the run folder.
    Earlier versions hashed all defaults too; for them the hash is computed again from spec.yaml.

    Args:
        spec: the given spec.
        base: the folder of its relative paths.
        folder: the run folder, with environment.json.
        backend: the given backend.
    """
    before = read_json(folder / "environment.json")
    if before.get("backend") != backend:
        return f"backend is {before.get('backend')} there and {backend} here"
    given = forms_of(spec, before)
    if before.get("spec_sha256") in map(spec_sha256, given):
        return None
    stored = _stored(folder)
    if stored is None:
        return "its spec is another one"
    if stored.version in (None, 1) and spec_sha256(stored) in [moved_sha256(one, base, folder) for one in given]:
        return None
    told = [_told(stored.model_dump(mode="json"), moved_values(one, base, folder)) for one in given]
    return None if None in told else told[0]


def _told(there: Mapping[str, Any], here: Mapping[str, Any]) -> str | None:
    """Return the fields that differ, with both values; None if none does."""
    before, now = dict(_fields(there)), dict(_fields(here))
    differing = [
        f"{dotted(place)} is {_shown(before, place)} there and {_shown(now, place)} here"
        for place in dict.fromkeys([*before, *now])
        if before.get(place, ABSENT) != now.get(place, ABSENT) and place not in NOT_HASHED
    ]
    more = f", and {len(differing) - SHOWN} more fields differ" if len(differing) > SHOWN else ""
    return ", ".join(differing[:SHOWN]) + more or None


def _fields(values: Mapping[str, Any], place: Place = ()) -> Iterator[tuple[Place, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _fields(value, (*place, name))
        else:
            yield (*place, name), value


def _shown(values: Mapping[Place, Any], place: Place) -> str:
    return show(values[place]) if place in values else "not given"


def _stored(folder: Path) -> TaskSpec | None:
    path = folder / "spec.yaml"
    if not path.is_file():
        return None
    try:
        return read_spec(path.read_text("utf-8"), str(path))
    except SpecError:
        return None

"""Writes a spec as YAML with every default, and hashes its differences from the defaults."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import yaml

from ftcore.data import matching
from ftcore.models import MODULE
from ftcore.parts import Place, SpecPart
from ftcore.spec.earlier import VERSION
from ftcore.spec.task_spec import TaskSpec
from ftcore.spec.yaml_scalars import SpecDumper

LOCATIONS: tuple[Place, ...] = (
    ("model", "pretrained"),
    ("model", "tokenizer"),
    ("model", "weights"),
    ("model", "from_scratch", "architecture"),
    ("model", "from_scratch", "tokenizer"),
    *(("model", part, name) for part in ("encoder", "decoder") for name in ("pretrained", "from_scratch", "tokenizer")),
    ("data", "train"),
    ("data", "validation"),
    ("data", "test"),
)
"""Fields that may name a file or folder."""
NOT_HASHED: tuple[Place, ...] = (("version",), ("output", "folder"))
"""Fields that do not change what a run computes."""


def dump_spec(spec: TaskSpec, base: Path, folder: Path) -> str:
    """Return a spec as YAML with every default, which means the same when it is read in `folder`.

    output.folder is left at its default, so that a run of the copy does not collide with the run it describes.

    Args:
        spec: the spec as run.
        base: the folder that its relative paths start from.
        folder: the folder of the YAML file.
    """
    values = {**_moved(spec.model_dump(mode="json"), base, folder), "version": VERSION}
    return yaml.dump(values, Dumper=SpecDumper, sort_keys=False, allow_unicode=True, width=100)


def spec_sha256(spec: SpecPart) -> str:
    """Return the hexadecimal SHA-256 of a spec's non-default values, the same for every way to write the spec."""
    content = json.dumps(_differing(spec), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def moved_values(spec: TaskSpec, base: Path, folder: Path) -> dict[str, Any]:
    """Return the values of a spec, by part and field, with its paths made relative to `folder`."""
    return _moved(spec.model_dump(mode="json"), base, folder)


def moved_sha256(spec: TaskSpec, base: Path, folder: Path) -> str:
    """Return `spec_sha256` of a spec with its paths made relative to `folder`."""
    return spec_sha256(type(spec).model_validate(_moved(spec.model_dump(mode="json"), base, folder)))


def _moved(values: dict[str, Any], base: Path, folder: Path) -> dict[str, Any]:
    for place in LOCATIONS:
        _move(values, place, base, folder)
    _move_module(values["model"], base, folder)
    values["output"]["folder"] = None
    return values


def _differing(part: SpecPart, place: Place = ()) -> dict[str, Any]:
    """Return the fields that differ from their defaults, except the output folder and the spec's version."""
    found: dict[str, Any] = {}
    for name, item in type(part).model_fields.items():
        value = getattr(part, name)
        if (*place, name) in NOT_HASHED:
            continue
        if isinstance(value, SpecPart):
            if inner := _differing(value, (*place, name)):
                found[name] = inner
        elif name == "name" or item.is_required() or value != item.get_default(call_default_factory=True):
            found[name] = part.model_dump(mode="json", include={name})[name]
    return found


def _move(values: dict[str, Any], place: Place, base: Path, folder: Path) -> None:
    """Make an existing relative path relative to another folder; hub ids and packages stay unchanged."""
    part: Any = values
    for key in place[:-1]:
        part = part.get(key)
        if part is None:
            return
    location = part.get(place[-1])
    if isinstance(location, str):
        part[place[-1]] = _relative(location, base, folder)
    elif isinstance(location, list):
        part[place[-1]] = [_relative(one, base, folder) for one in location]


def _relative(location: str, base: Path, folder: Path) -> str:
    """Return an existing path, or a pattern of existing files, relative to another folder; others are unchanged."""
    if Path(location).is_absolute() or not ((base / location).exists() or matching(location, base)):
        return location
    return Path(os.path.relpath((base / location).resolve(), folder.resolve())).as_posix()


def _move_module(model: dict[str, Any], base: Path, folder: Path) -> None:
    """Make the path of a module's file relative to another folder; an installed module stays unchanged."""
    found = MODULE.fullmatch(model.get("module") or "")
    if found is None:
        return
    place, name = base / (found["folder"] or ""), model["module"].rpartition("/")[2]
    top = found["name"].partition(".")[0]
    if (place / top).exists() or (place / f"{top}.py").exists():
        model["module"] = f"{Path(os.path.relpath(place.resolve(), folder.resolve())).as_posix()}/{name}"

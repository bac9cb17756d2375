"""A spec written out: as YAML with every default, as a hash, and as JSON Schema."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import yaml

from ftcore.models import MODULE
from ftcore.parts import Place, SpecPart
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


def dump_spec(spec: TaskSpec, base: Path, folder: Path) -> str:
    """Return a spec as YAML, every default written out, that means the same when it is read in `folder`.

    output.folder is left to its default, so that the copy runs again and does not meet the run it describes.

    Args:
        spec: the spec as run.
        base: folder that its relative paths are relative to.
        folder: where the YAML will lie.
    """
    values = spec.model_dump(mode="json")
    for place in LOCATIONS:
        _move(values, place, base, folder)
    _move_module(values["model"], base, folder)
    values["output"]["folder"] = None
    return yaml.dump(values, Dumper=SpecDumper, sort_keys=False, allow_unicode=True, width=100)


def spec_sha256(spec: SpecPart) -> str:
    """Return the SHA-256 of a spec's content, in hexadecimal: the same for every way to write it."""
    content = json.dumps(spec.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _move(values: dict[str, Any], place: Place, base: Path, folder: Path) -> None:
    """Make a relative path that exists relative to another folder; hub ids and packages stay as they are."""
    part: Any = values
    for key in place[:-1]:
        part = part[key]
        if part is None:
            return
    location = part[place[-1]]
    if isinstance(location, str) and not Path(location).is_absolute() and (base / location).exists():
        part[place[-1]] = Path(os.path.relpath((base / location).resolve(), folder.resolve())).as_posix()


def _move_module(model: dict[str, Any], base: Path, folder: Path) -> None:
    """Write the folder of a module's file before it, as seen from another folder; an installed one stays as it is."""
    found = MODULE.fullmatch(model["module"] or "")
    if found is None:
        return
    place, name = base / (found["folder"] or ""), model["module"].rpartition("/")[2]
    top = found["name"].partition(".")[0]
    if (place / top).exists() or (place / f"{top}.py").exists():
        model["module"] = f"{Path(os.path.relpath(place.resolve(), folder.resolve())).as_posix()}/{name}"

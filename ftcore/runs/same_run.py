"""Checks whether a run folder holds the run of a given spec."""

from pathlib import Path

from ftcore.errors import SpecError
from ftcore.files import read_json
from ftcore.spec import TaskSpec, moved_sha256, read_spec, spec_sha256


def is_same(spec: TaskSpec, base: Path, folder: Path, backend: str) -> bool:
    """Return whether a run folder belongs to this spec and this backend.

    environment.json has the hash of the spec. Earlier versions hashed all defaults too; for them the hash is computed
    again from spec.yaml, whose paths are relative to the folder.

    Args:
        spec: the given spec.
        base: the folder of its relative paths.
        folder: the run folder, with environment.json.
        backend: the given backend.
    """
    before = read_json(folder / "environment.json")
    if before.get("backend") != backend:
        return False
    if before.get("spec_sha256") == spec_sha256(spec):
        return True
    stored = _stored(folder)
    return stored is not None and stored.version is None and spec_sha256(stored) == moved_sha256(spec, base, folder)


def _stored(folder: Path) -> TaskSpec | None:
    path = folder / "spec.yaml"
    if not path.is_file():
        return None
    try:
        return read_spec(path.read_text("utf-8"), str(path))
    except SpecError:
        return None

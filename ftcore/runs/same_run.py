"""Whether a run folder holds the run that a spec asks for."""

from pathlib import Path

from ftcore.errors import SpecError
from ftcore.files import read_json
from ftcore.spec import TaskSpec, moved_sha256, read_spec, spec_sha256


def is_same(spec: TaskSpec, base: Path, folder: Path, backend: str) -> bool:
    """Return whether a run folder was begun with this spec on this backend.

    environment.json has the spec's hash. One that an earlier version wrote was of every default too, so then the hash
    is worked out anew from spec.yaml, whose paths are as seen from the folder.

    Args:
        spec: what is asked for.
        base: what its relative paths are relative to.
        folder: holds environment.json.
        backend: that is asked for.
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

"""The comparison's folder: nothing in it is overwritten unasked, and one that was cut off goes on."""

from collections.abc import Sequence
from pathlib import Path

from ftcore.errors import RunError
from ftcore.files import read_json, write_json
from ftcore.loop import is_free

COMPARISON = "comparison.json"
REPORT = "report.html"


def begin(folder: Path, spec_sha256: str, backends: Sequence[str]) -> None:
    """Make the folder, or take up the same comparison where it was cut off.

    Raises:
        RunError: something else is in the way.
    """
    mine = {"spec_sha256": spec_sha256, "backends": list(backends)}
    if is_free(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / COMPARISON, {"status": "unfinished", **mine})
        return
    if not (folder / COMPARISON).is_file():
        raise RunError(f"{folder} is not empty and holds no comparison of ftcore: choose another --output")
    before = read_json(folder / COMPARISON)
    if {key: before.get(key) for key in mine} != mine:
        raise RunError(f"{folder} holds a comparison of another spec or other backends: choose another --output")
    if before.get("status") == "complete" and (folder / REPORT).is_file():
        raise RunError(f"{folder} already holds this comparison, finished: choose another --output, or remove it")

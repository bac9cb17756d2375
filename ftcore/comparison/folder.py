"""Creates the folder of a comparison, or continues in that of an interrupted one; nothing is overwritten."""

from collections.abc import Sequence
from pathlib import Path

from ftcore.errors import RunError
from ftcore.files import read_json, write_json
from ftcore.loop import is_free

COMPARISON = "comparison.json"
REPORT = "report.html"


def begin(folder: Path, spec_sha256: str, backends: Sequence[str]) -> None:
    """Make the folder, or continue the same interrupted comparison in it.

    Raises:
        RunError: the folder holds something else.
    """
    mine = {"spec_sha256": spec_sha256, "backends": list(backends)}
    if is_free(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / COMPARISON, {"status": "unfinished", **mine})
        return
    if not (folder / COMPARISON).is_file():
        raise RunError(f"{folder} is not empty and is not a comparison by ftcore: choose another --output")
    before = read_json(folder / COMPARISON)
    if {key: before.get(key) for key in mine} != mine:
        raise RunError(f"{folder} holds a comparison of another spec or of other backends: choose another --output")
    if before.get("status") == "complete" and (folder / REPORT).is_file():
        raise RunError(
            f"{folder} already holds this comparison, and it is finished: choose another --output, or remove the folder"
        )

"""Creates the folder of a comparison, or continues in that of an interrupted one; nothing is overwritten."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ftcore.errors import RunError
from ftcore.files import read_json, write_json
from ftcore.loop import is_free
from ftcore.runs import goes_on_apart, run_difference
from ftcore.spec import TaskSpec, spec_sha256

COMPARISON = "comparison.json"
REPORT = "report.html"


def begin(folder: Path, spec: TaskSpec, base: Path, backends: Sequence[str]) -> None:
    """Make the folder, or continue the same interrupted comparison in it.

    Args:
        folder: the comparison's.
        spec: the given spec.
        base: the folder of its relative paths.
        backends: the given backends.

    Raises:
        RunError: the folder holds something else.
    """
    if is_free(folder):
        folder.mkdir(parents=True, exist_ok=True)
        mine = {"spec_sha256": spec_sha256(spec), "backends": list(backends)}
        write_json(folder / COMPARISON, {"status": "unfinished", **mine})
        return
    if not (folder / COMPARISON).is_file():
        raise RunError(f"{folder} is not empty and is not a comparison by ftcore: choose another --output")
    before = read_json(folder / COMPARISON)
    if before.get("backends") != list(backends):
        there, here = ", ".join(before.get("backends", [])), ", ".join(backends)
        raise _another(folder, f"backends are {there} there and {here} here")
    if found := _difference(before, folder, spec, base):
        raise _another(folder, found)
    if before.get("status") == "complete" and (folder / REPORT).is_file():
        raise RunError(
            f"{folder} already holds this comparison, and it is finished: choose another --output, or remove the folder"
        )


def earlier_splitting(folder: Path, spec: TaskSpec, backends: Sequence[str]) -> list[str]:
    """Return the override with which the runs that are missing split as those of an interrupted comparison; [] if none.

    Args:
        folder: the comparison's.
        spec: the given spec.
        backends: the given backends.
    """
    begun = [folder / name / "environment.json" for name in backends]
    apart = any(goes_on_apart(spec, read_json(path)) for path in begun if path.is_file())
    return ["data.split_duplicates=apart"] if apart else []


def _another(folder: Path, found: str) -> RunError:
    return RunError(
        f"{folder} holds a comparison of another spec or of other backends: {found}: choose another --output"
    )


def _difference(before: Mapping[str, Any], folder: Path, spec: TaskSpec, base: Path) -> str | None:
    """Return in what a comparison differs from this spec; None if it is the same, by its hash or by its runs."""
    if before.get("spec_sha256") == spec_sha256(spec):
        return None
    runs = [name for name in before["backends"] if (folder / name / "environment.json").is_file()]
    found = [run_difference(spec, base, folder / name, name) for name in runs]
    return next((one for one in found if one is not None), None if runs else "its spec is another one")

"""Chooses, checks and reads run folders; nothing in one is overwritten by accident."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ftcore.errors import RunError
from ftcore.files import read_json, read_json_lines


class Run:
    """A finished run: its folder and its numbers."""

    def __init__(self, folder: Path) -> None:
        """Open a run folder.

        Raises:
            RunError: the folder holds no finished run.
        """
        self.folder = folder
        path = folder / "result.json"
        if not path.is_file():
            raise RunError(f"{folder}: there is no finished run here (result.json is missing)")
        self.result: dict[str, Any] = read_json(path)

    @property
    def metrics(self) -> dict[str, dict[str, float]]:
        """The final metrics of each split."""
        metrics: dict[str, dict[str, float]] = self.result["metrics"]
        return metrics

    @property
    def model_dir(self) -> Path:
        """The fine-tuned model's folder."""
        return self.folder / "model"

    @property
    def history(self) -> list[dict[str, Any]]:
        """Every event of metrics.jsonl, in order."""
        return read_json_lines(self.folder / "metrics.jsonl")

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}, metrics={self.metrics})"


def began_with(folder: Path, resume: bool) -> Mapping[str, Any] | None:
    """Return the backend's options of a resumed run (see `Program.began_with`); None for a new run."""
    before = begun(folder) if resume else None
    options: dict[str, Any] | None = None if before is None else before.get("options", {})
    return options


def begun(folder: Path) -> dict[str, Any] | None:
    """Return environment.json of the run in a folder; None if there is none."""
    path = folder / "environment.json"
    return read_json(path) if path.is_file() else None


def told_of_options(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> list[str]:
    """Return notes for the user about options of a resumed run that this machine does not have."""
    return [
        f"backend option {name}: the run began with {value}, but this machine continues with {now.get(name)}"
        for name, value in (before or {}).items()
        if now.get(name) != value
    ]


def default_folder(name: str, resume: bool) -> Path:
    """Return runs/NAME, or the first free one of runs/NAME-2, -3, ...; with `resume`, the last used one."""
    taken: list[Path] = []
    number = 1
    while True:
        folder = Path("runs") / (name if number == 1 else f"{name}-{number}")
        if is_free(folder):
            return taken[-1] if resume and taken else folder
        taken.append(folder)
        number += 1


def is_free(folder: Path) -> bool:
    """Return whether the folder is absent or empty."""
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def check_free(folder: Path, resume: bool, difference: Callable[[], str | None]) -> None:
    """Check that a run may write into the folder.

    Args:
        folder: the run folder.
        resume: whether to continue an existing run.
        difference: returns in what the existing run differs from the given one; None if it is the same.

    Raises:
        RunError: the folder holds something else, or the run to resume is another one.
    """
    if is_free(folder):
        return
    environment = folder / "environment.json"
    if not environment.is_file():
        raise RunError(f"{folder} is not empty and is not a run of ftcore: choose another --output")
    if not resume:
        raise RunError(f"{folder} already holds a run: choose another --output, or continue it with --resume")
    if found := difference():
        raise RunError(f"{folder} holds a run of another spec or backend: {found}; --resume needs the same ones")

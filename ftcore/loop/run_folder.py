"""The run folder: where it lies, and that nothing in it is overwritten unasked."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ftcore.errors import RunError
from ftcore.files import read_json, read_json_lines


class Run:
    """A run that is finished: its folder and its numbers."""

    def __init__(self, folder: Path) -> None:
        """Open a run folder.

        Raises:
            RunError: the folder holds no finished run.
        """
        self.folder = folder
        path = folder / "result.json"
        if not path.is_file():
            raise RunError(f"{folder}: there is no finished run here (result.json is absent)")
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
    """Return the backend's options of the run that goes on, as `Program.began_with`; None of a new run."""
    environment = folder / "environment.json"
    if not resume or not environment.is_file():
        return None
    options: dict[str, Any] = read_json(environment).get("options", {})
    return options


def told_of_options(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> list[str]:
    """Return what a user should know of the options of a run that goes on: those that this machine does not have."""
    return [
        f"backend option {name}: the run began with {value}, and this machine goes on with {now.get(name)}"
        for name, value in (before or {}).items()
        if now.get(name) != value
    ]


def default_folder(name: str, resume: bool) -> Path:
    """Return runs/NAME, or the first of runs/NAME-2, -3, ... that is free; with `resume`, the last that is not."""
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


def check_free(folder: Path, resume: bool, is_same: Callable[[], bool]) -> None:
    """Check that a run may write into the folder.

    Args:
        folder: of the run.
        resume: whether a run that is there goes on.
        is_same: returns whether the run that is there is the same.

    Raises:
        RunError: something is in the way, or the run to resume is another one.
    """
    if is_free(folder):
        return
    environment = folder / "environment.json"
    if not environment.is_file():
        raise RunError(f"{folder} is not empty and holds no run of ftcore: choose another --output")
    if not resume:
        raise RunError(f"{folder} already holds a run: choose another --output, or go on with it by --resume")
    if not is_same():
        raise RunError(f"{folder} holds a run of another spec or backend: --resume needs the same ones")

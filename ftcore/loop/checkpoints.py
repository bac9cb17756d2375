"""Writes and reads checkpoints; each is a folder that is complete or absent."""

import shutil
from pathlib import Path

import numpy as np

from ftcore.contract import Learner
from ftcore.errors import RunError
from ftcore.files import check_no_nan, load_tensors, read_json, replacing_folder, save_tensors, write_json
from ftcore.loop.progress import Progress

PARAMETERS, OPTIMIZER = "tensors.safetensors", "optimizer.safetensors"
"""The files of a checkpoint: parameters and buffers, and the optimizer's state."""


class Checkpoints:
    """The checkpoints of one run: the newest and the best."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, learner: Learner, progress: Progress) -> None:
        """Write a checkpoint of the current step, then remove those that are neither the newest nor the best.

        Raises:
            RunError: the step has made a tensor NaN.
        """
        with replacing_folder(self._path(progress.step)) as partial:
            for name, read in ((PARAMETERS, learner.tensors), (OPTIMIZER, learner.optimizer_state)):
                tensors = read()
                check_no_nan(f"step {progress.step}", tensors)
                save_tensors(partial / name, tensors)
            write_json(partial / "progress.json", progress.to_json())
        self.keep_only({progress.step, progress.best_step})

    def newest(self) -> int | None:
        """Return the step of the newest complete checkpoint, or None."""
        return max(self._steps(), default=None)

    def restore(self, step: int, learner: Learner) -> Progress:
        """Load the parameters and optimizer state of a step into the learner; return the progress at that step."""
        self.restore_tensors(step, learner)
        learner.load_optimizer_state(_loaded(self._path(step) / OPTIMIZER))
        return Progress(**read_json(self._path(step) / "progress.json"))

    def restore_tensors(self, step: int, learner: Learner) -> None:
        """Load the parameters of a step into the learner.

        Raises:
            RunError: there is no checkpoint of that step, or a tensor in it is NaN.
        """
        path = self._path(step)
        if not path.is_dir():
            raise RunError(f"{path}: there is no checkpoint of step {step}")
        learner.load_tensors(_loaded(path / PARAMETERS))

    def keep_only(self, steps: set[int]) -> None:
        """Remove every other checkpoint."""
        for step in self._steps():
            if step not in steps:
                shutil.rmtree(self._path(step))

    def _path(self, step: int) -> Path:
        return self._folder / f"step-{step:08d}"

    def _steps(self) -> list[int]:
        return [int(path.name.removeprefix("step-")) for path in self._folder.glob("step-*")]


def _loaded(path: Path) -> dict[str, np.ndarray]:
    tensors = load_tensors(path)
    check_no_nan(str(path), tensors)
    return tensors

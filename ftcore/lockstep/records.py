"""The reference's steps on disk: the state before each, what came out, and which examples it read."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftcore.contract import Step
from ftcore.files import load_tensors, read_json, replacing_folder, save_tensors, with_nulls, write_json
from ftcore.lockstep.state import State, load_state, save_state
from ftcore.lockstep.taking import Taken

BEFORE, AFTER, GRADIENTS, STEP = "before.safetensors", "after.safetensors", "gradients.safetensors", "step.json"


@dataclass(frozen=True)
class Record:
    """A step of the reference.

    Attributes:
        taken: what came out of it.
        batches: `fingerprint` of its examples.
        gradients: without dropout, by parameter, each in its own shape; {} if they were not computed.
    """

    taken: Taken
    batches: str
    gradients: Mapping[str, np.ndarray]


class Records:
    """The recorded steps in a folder, each complete or absent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def steps(self) -> list[int]:
        """The numbers of the recorded steps, rising."""
        return sorted(int(path.name.removeprefix("step-")) for path in self.folder.glob("step-*"))

    def save(self, step: Step, before: State | None, record: Record) -> None:
        """Write a step; the state before it is left out if another record holds it."""
        with replacing_folder(self._path(step.index)) as partial:
            if before is not None:
                save_state(partial / BEFORE, before)
            save_state(partial / AFTER, record.taken.after)
            save_tensors(partial / GRADIENTS, record.gradients)
            taken = record.taken
            numbers = with_nulls({"loss": taken.loss, "grad_norm": taken.grad_norm})
            write_json(partial / STEP, {**numbers, "finite": taken.finite, "batches": record.batches})

    def before(self, index: int) -> State:
        """Return the state before a step."""
        return load_state(self._path(index) / BEFORE)

    def load(self, index: int) -> Record:
        """Return a step."""
        path = self._path(index)
        told = read_json(path / STEP)
        loss, norm = (math.nan if told[name] is None else told[name] for name in ("loss", "grad_norm"))
        taken = Taken(loss, norm, told["finite"], load_state(path / AFTER))
        return Record(taken, told["batches"], load_tensors(path / GRADIENTS))

    def _path(self, index: int) -> Path:
        return self.folder / f"step-{index:08d}"


def fingerprint(step: Step) -> str:
    """Return a hash of everything that a step reads: inputs, targets and weights of its batches, and its rate."""
    digest = hashlib.sha256(repr((step.index, step.total_weight, step.learning_rate)).encode())
    for batch in step.batches:
        for name, array in [*sorted(batch.inputs.items()), *sorted(batch.targets.items()), ("weights", batch.weights)]:
            digest.update(f"{name} {array.dtype} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()

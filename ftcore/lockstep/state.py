"""The state of a learner: everything on which its next step depends."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftcore.contract import Learner
from ftcore.contract.optimizers.loss_scaling import SCALE, STREAK
from ftcore.files import load_tensors, save_tensors
from ftcore.lockstep.arrays import different

TENSORS, OPTIMIZER = "tensors/", "optimizer/"


@dataclass(frozen=True)
class State:
    """The state of a learner.

    Attributes:
        tensors: parameters and buffers by checkpoint name, as `Learner.tensors` returns them.
        optimizer: the optimizer's state, as `Learner.optimizer_state` returns it.
    """

    tensors: Mapping[str, np.ndarray]
    optimizer: Mapping[str, np.ndarray]

    @property
    def bytes(self) -> int:
        """Size of all arrays in bytes."""
        return sum(array.nbytes for array in (*self.tensors.values(), *self.optimizer.values()))

    def differing(self, other: "State") -> list[str]:
        """Return the names of arrays that another state lacks, has besides, or has with other values."""
        return [*different(self.tensors, other.tensors), *different(self.optimizer, other.optimizer)]

    def in_float64(self) -> "State":
        """Return the same values, with every floating-point array in float64, and without float16's loss scale."""
        optimizer = {name: value for name, value in self.optimizer.items() if name not in (SCALE, STREAK)}
        return State(_in_float64(self.tensors), _in_float64(optimizer))


def state_of(learner: Learner) -> State:
    """Return copies of a learner's state."""
    return State(learner.tensors(), learner.optimizer_state())


def restore(learner: Learner, state: State) -> None:
    """Replace a learner's state by one from this or another backend."""
    learner.load_tensors(state.tensors)
    learner.load_optimizer_state(state.optimizer)


def save_state(path: Path, state: State) -> None:
    """Write a state as safetensors."""
    named = {TENSORS + name: value for name, value in state.tensors.items()}
    save_tensors(path, named | {OPTIMIZER + name: value for name, value in state.optimizer.items()})


def load_state(path: Path) -> State:
    """Read back what `save_state` wrote."""
    arrays = load_tensors(path)
    return State(_under(arrays, TENSORS), _under(arrays, OPTIMIZER))


def _under(arrays: Mapping[str, np.ndarray], start: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(start): value for name, value in arrays.items() if name.startswith(start)}


def _in_float64(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        name: value.astype(np.float64) if np.issubdtype(value.dtype, np.floating) else value
        for name, value in arrays.items()
    }

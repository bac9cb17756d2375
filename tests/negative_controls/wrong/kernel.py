"""One square kernel kept transposed: what goes in comes out again, and shapes never tell."""

from collections.abc import Mapping

import numpy as np

from ftcore.contract import Learner, Program, Step
from wrong.wrapping import WrappedBackend, WrappedLearner

NAME = "layer.0.attention.output.dense.weight"


class TransposedKernel(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class _Learner(WrappedLearner):
    def tensors(self) -> Mapping[str, np.ndarray]:
        return _transposed(self.right.tensors())

    def load_tensors(self, tensors: Mapping[str, np.ndarray]) -> None:
        self.right.load_tensors(_transposed(tensors))

    def gradients(self, step: Step) -> Mapping[str, np.ndarray]:
        return _transposed(self.right.gradients(step))


def _transposed(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.ascontiguousarray(value.T) if name.endswith(NAME) else value for name, value in arrays.items()}

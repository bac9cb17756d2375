"""Parameters that pass through float16 on their way in."""

from collections.abc import Mapping

import numpy as np

from ftcore.contract import Learner, Program
from wrong.wrapping import WrappedBackend, WrappedLearner


class ThroughHalfPrecision(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class _Learner(WrappedLearner):
    def load_tensors(self, tensors: Mapping[str, np.ndarray]) -> None:
        self.right.load_tensors({name: value.astype(np.float16) for name, value in tensors.items()})

"""A loaded optimizer state counts its steps from zero again."""

from collections.abc import Mapping

import numpy as np

from ftcore.contract import Learner, Program
from wrong.wrapping import WrappedBackend, WrappedLearner


class StepForgotten(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class _Learner(WrappedLearner):
    def load_optimizer_state(self, state: Mapping[str, np.ndarray]) -> None:
        self.right.load_optimizer_state({**state, "step": np.asarray(0, dtype=np.int64)})

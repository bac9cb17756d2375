"""A step that is not finite leaves the parameters alone, and is counted all the same."""

import numpy as np

from ftcore.contract import Learner, Program, Step, StepResult
from wrong.wrapping import WrappedBackend, WrappedLearner


class BadStepsCounted(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class _Learner(WrappedLearner):
    def train_step(self, step: Step) -> StepResult:
        result = self.right.train_step(step)
        if not float(result.finite):
            state = self.right.optimizer_state()
            self.right.load_optimizer_state({**state, "step": np.asarray(int(state["step"]) + 1, dtype=np.int64)})
        return result

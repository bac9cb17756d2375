"""Adam's moments are lost at every tenth step."""

import numpy as np

from ftcore.contract import Learner, Program, Step, StepResult
from wrong.wrapping import WrappedBackend, WrappedLearner


class MomentsLost(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class _Learner(WrappedLearner):
    def train_step(self, step: Step) -> StepResult:
        if step.index % 10 == 0:
            state = self.right.optimizer_state()
            lost = {key: value if key == "step" else np.zeros_like(value) for key, value in state.items()}
            self.right.load_optimizer_state(lost)
        return self.right.train_step(step)

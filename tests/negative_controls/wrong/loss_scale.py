"""A loss scale that is never halved, so that a run stands still where it begins too high."""

import numpy as np

from ftcore.contract import Learner, Program, Step, StepResult
from ftcore.contract.optimizers.loss_scaling import SCALE
from wrong.wrapping import WrappedBackend, WrappedLearner


class ScaleNeverHalved(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        right = self.right.build(program, device)
        return _Learner(right) if program.precision == "float16" else right


class _Learner(WrappedLearner):
    def train_step(self, step: Step) -> StepResult:
        before = self.right.optimizer_state()
        result = self.right.train_step(step)
        after = self.right.optimizer_state()
        kept = np.maximum(before[SCALE], after[SCALE])
        self.right.load_optimizer_state({**after, SCALE: kept})
        return result

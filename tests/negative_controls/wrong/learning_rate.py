"""Each step uses the learning rate of the step before."""

from dataclasses import replace

from ftcore.contract import Learner, Program, Step, StepResult
from wrong.wrapping import WrappedBackend, WrappedLearner


class OneStepLate(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class _Learner(WrappedLearner):
    _before: float | None = None

    def train_step(self, step: Step) -> StepResult:
        late = step.learning_rate if self._before is None else self._before
        self._before = step.learning_rate
        return self.right.train_step(replace(step, learning_rate=late))

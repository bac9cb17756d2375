"""Examples in another order: a queue that runs one batch behind and begins with the first one twice."""

from dataclasses import replace

from ftcore.contract import Learner, Program, Step, StepResult
from wrong.wrapping import WrappedBackend, WrappedLearner


class OneBatchBehind(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class _Learner(WrappedLearner):
    _queued: Step | None = None

    def train_step(self, step: Step) -> StepResult:
        behind, self._queued = self._queued or step, step
        return self.right.train_step(replace(step, batches=behind.batches, total_weight=behind.total_weight))

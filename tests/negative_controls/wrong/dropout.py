"""The same dropout mask at every step; masks that repeat, but are not the contract's."""

from dataclasses import replace

from ftcore.contract import Learner, Program, Step, StepResult
from wrong.wrapping import WrappedBackend, WrappedLearner


class OneMask(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class MasksOfItsOwn(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return self.right.build(replace(program, seed=program.seed + 1), device)


class _Learner(WrappedLearner):
    def train_step(self, step: Step) -> StepResult:
        return self.right.train_step(replace(step, index=1))

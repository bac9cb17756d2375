"""An argument by another name."""

from ftcore.contract import Batch, Learner, Outputs, Program, Want
from wrong.wrapping import WrappedBackend, WrappedLearner


class ArgumentRenamed(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class _Learner(WrappedLearner):
    def forward(self, batch: Batch, wanted: Want) -> Outputs:
        return self.right.forward(batch, wanted)

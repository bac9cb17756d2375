"""Weight decay on frozen parameters."""

from ftcore.contract import Learner, Program, Step, StepResult
from wrong.wrapping import WrappedBackend, WrappedLearner


class DecayOfFrozen(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        right = self.right.build(program, device)
        return right if program.trainable is None else _Learner(right, program)


class _Learner(WrappedLearner):
    def __init__(self, right: Learner, program: Program) -> None:
        super().__init__(right)
        self._program = program

    def train_step(self, step: Step) -> StepResult:
        result = self.right.train_step(step)
        kept = 1.0 - step.learning_rate * self._program.optimizer.weight_decay
        trained = self._program.trainable
        tensors = self.right.tensors()
        self.right.load_tensors({name: value * (1.0 if name in trained else kept) for name, value in tensors.items()})
        return result

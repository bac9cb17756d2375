"""Adam's epsilon added before the bias correction, as Keras adds it."""

import numpy as np

from ftcore.contract import Learner, Program, Step, StepResult
from ftcore.contract.optimizers import Adam, AdamW
from wrong.wrapping import WrappedBackend, WrappedLearner


class EpsilonBeforeCorrection(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        right = self.right.build(program, device)
        return _Learner(right, program) if isinstance(program.optimizer, Adam) else right


class _Learner(WrappedLearner):
    """Lets the right learner bring the moments up to date, and applies them wrongly."""

    def __init__(self, right: Learner, program: Program) -> None:
        super().__init__(right)
        self._program = program

    def train_step(self, step: Step) -> StepResult:
        before = self.right.tensors()
        result = self.right.train_step(step)
        if float(result.finite):
            self.right.load_tensors({name: self._updated(name, value, step) for name, value in before.items()})
        return result

    def _updated(self, name: str, parameter: np.ndarray, step: Step) -> np.ndarray:
        adam, state = self._program.optimizer, self.right.optimizer_state()
        if f"first_moment/{name}" not in state:
            return parameter
        count = int(state["step"])
        if isinstance(adam, AdamW) and name not in self._program.decay_exempt:
            parameter = parameter * (1.0 - step.learning_rate * adam.weight_decay)
        corrected_rate = step.learning_rate * np.sqrt(1.0 - adam.beta2**count) / (1.0 - adam.beta1**count)
        first, second = state[f"first_moment/{name}"], state[f"second_moment/{name}"]
        return parameter - corrected_rate * first / (np.sqrt(second) + adam.epsilon)

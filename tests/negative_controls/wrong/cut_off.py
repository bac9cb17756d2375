"""One parameter that the gradient does not reach."""

from collections.abc import Mapping

import numpy as np

from ftcore.contract import Learner, Program, Step
from wrong.wrapping import WrappedBackend, WrappedLearner

NAME = "bert.embeddings.token_type_embeddings.weight"


class CutOff(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class _Learner(WrappedLearner):
    def gradients(self, step: Step) -> Mapping[str, np.ndarray]:
        found = self.right.gradients(step)
        return {name: np.zeros_like(value) if name == NAME else value for name, value in found.items()}

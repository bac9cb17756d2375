"""A backend and a learner that pass everything on: a fault overrides one method."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import (
    Backend,
    BackendInfo,
    Batch,
    Decoding,
    Learner,
    Outputs,
    PrepareProduct,
    Program,
    Step,
    StepResult,
    Want,
)


class WrappedLearner:
    """Passes everything on."""

    def __init__(self, right: Learner) -> None:
        self.right = right

    @property
    def options(self) -> Mapping[str, Any]:
        return self.right.options

    @property
    def couples_examples(self) -> bool:
        return self.right.couples_examples

    def train_step(self, step: Step) -> StepResult:
        return self.right.train_step(step)

    def gradients(self, step: Step) -> Mapping[str, np.ndarray]:
        return self.right.gradients(step)

    def forward(self, batch: Batch, want: Want) -> Outputs:
        return self.right.forward(batch, want)

    def decoding(self, inputs: Mapping[str, np.ndarray]) -> Decoding:
        return self.right.decoding(inputs)

    def tensors(self) -> Mapping[str, np.ndarray]:
        return self.right.tensors()

    def load_tensors(self, tensors: Mapping[str, np.ndarray]) -> None:
        self.right.load_tensors(tensors)

    def optimizer_state(self) -> Mapping[str, np.ndarray]:
        return self.right.optimizer_state()

    def load_optimizer_state(self, state: Mapping[str, np.ndarray]) -> None:
        self.right.load_optimizer_state(state)


class WrappedBackend:
    """Passes everything on."""

    def __init__(self, right: Backend) -> None:
        self.right = right
        self.name = right.name

    def info(self) -> BackendInfo:
        return self.right.info()

    @staticmethod
    def recognises(module: object) -> bool:
        return False

    @staticmethod
    def load_weights(module: Any, path: Path) -> Sequence[str]:
        return ()

    @staticmethod
    def token_inputs(module: Any) -> Mapping[str, str]:
        return {}

    @staticmethod
    def prepare_for_code(seed: int, threads: int | None) -> None:
        pass

    def matrix_products(self, threads: int | None) -> Mapping[str, PrepareProduct]:
        return self.right.matrix_products(threads)

    def build(self, program: Program, device: str = "auto") -> Learner:
        return WrappedLearner(self.right.build(program, device))

"""The mean of the micro-batches' means, whatever each one weighs."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ftcore.contract import Batch, Learner, Program, Step, StepResult
from ftcore.contract.losses import Loss
from wrong.wrapping import WrappedBackend, WrappedLearner


class MeanOfMeans(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device), program.loss)


class _Learner(WrappedLearner):
    def __init__(self, right: Learner, loss: Loss | None) -> None:
        super().__init__(right)
        self._loss = loss

    def train_step(self, step: Step) -> StepResult:
        return self.right.train_step(self._equal_shares(step))

    def gradients(self, step: Step) -> Mapping[str, np.ndarray]:
        return self.right.gradients(self._equal_shares(step))

    def _equal_shares(self, step: Step) -> Step:
        """Return the step with each micro-batch weighing the same in all."""
        weights = [self._loss.weight(batch) for batch in step.batches]
        share = sum(weights) / len(weights)
        factors = (share / weight if weight else 1.0 for weight in weights)
        scaled = [_scaled(batch, factor) for batch, factor in zip(step.batches, factors, strict=True)]
        return replace(step, batches=scaled)


def _scaled(batch: Batch, factor: float) -> Batch:
    return replace(batch, weights=(batch.weights * factor).astype(np.float32))

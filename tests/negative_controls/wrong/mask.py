"""Attention to one position too many: the first padding token counts as real."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ftcore.contract import Batch, Learner, Outputs, Program, Step, StepResult, Want
from wrong.wrapping import WrappedBackend, WrappedLearner


class MaskOffByOne(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class _Learner(WrappedLearner):
    def train_step(self, step: Step) -> StepResult:
        return self.right.train_step(_one_more_each(step))

    def gradients(self, step: Step) -> Mapping[str, np.ndarray]:
        return self.right.gradients(_one_more_each(step))

    def forward(self, batch: Batch, want: Want) -> Outputs:
        return self.right.forward(_one_more(batch), want)


def _one_more_each(step: Step) -> Step:
    return replace(step, batches=[_one_more(batch) for batch in step.batches])


def _one_more(batch: Batch) -> Batch:
    if "attention_mask" not in batch.inputs:
        return batch
    mask = batch.inputs["attention_mask"]
    shifted = np.maximum(mask, np.roll(mask, 1, axis=1))
    return replace(batch, inputs={**batch.inputs, "attention_mask": shifted})

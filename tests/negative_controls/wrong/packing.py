"""Packed rows computed as if they were one sequence each: positions that run on, or attention to the neighbours."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from ftcore.conformance.bert import POSITIONS
from ftcore.contract import Batch, Learner, Outputs, Program, Step, StepResult, Want
from wrong.wrapping import WrappedBackend, WrappedLearner


class PositionsRunOn(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device), _running_positions)


class AttendsToNeighbours(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device), _one_segment_a_row)


class _Learner(WrappedLearner):
    def __init__(self, right: Learner, change: Callable[[Batch], Batch]) -> None:
        super().__init__(right)
        self._change = change

    def train_step(self, step: Step) -> StepResult:
        return self.right.train_step(self._changed(step))

    def gradients(self, step: Step) -> Mapping[str, np.ndarray]:
        return self.right.gradients(self._changed(step))

    def forward(self, batch: Batch, want: Want) -> Outputs:
        return self.right.forward(self._change(batch), want)

    def _changed(self, step: Step) -> Step:
        return replace(step, batches=[self._change(batch) for batch in step.batches])


def _running_positions(batch: Batch) -> Batch:
    if "position_ids" not in batch.inputs:
        return batch
    rows, width = batch.inputs["position_ids"].shape
    running = np.tile(np.minimum(np.arange(width, dtype=np.int32), POSITIONS - 1), (rows, 1))
    return replace(batch, inputs={**batch.inputs, "position_ids": running})


def _one_segment_a_row(batch: Batch) -> Batch:
    if "segment_ids" not in batch.inputs:
        return batch
    segments, padding = batch.inputs["segment_ids"], len(batch.inputs["starts"])
    joined = np.where(segments == padding, padding, segments[:, :1]).astype(np.int32)
    return replace(batch, inputs={**batch.inputs, "segment_ids": joined})

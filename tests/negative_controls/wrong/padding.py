"""A mask made of the token ids: right as long as padding is written with the padding token."""

from dataclasses import replace

import numpy as np

from ftcore.contract import Batch, Learner, Outputs, Program, Want
from wrong.wrapping import WrappedBackend, WrappedLearner


class MaskFromTokens(WrappedBackend):
    def build(self, program: Program, device: str = "auto") -> Learner:
        return _Learner(self.right.build(program, device))


class _Learner(WrappedLearner):
    def forward(self, batch: Batch, want: Want) -> Outputs:
        if "input_ids" in batch.inputs:
            mask = (batch.inputs["input_ids"] != 0).astype(np.int32)
            batch = replace(batch, inputs={**batch.inputs, "attention_mask": mask})
        return self.right.forward(batch, want)

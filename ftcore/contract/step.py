"""Defines one optimizer step and its result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import SupportsFloat

from ftcore.contract.batch import Batch


@dataclass(frozen=True)
class Step:
    """One optimizer step.

    Attributes:
        index: 1 for the first step of a run.
        batches: the global batch, split into one or more micro-batches.
        total_weight: the loss's weight, summed over the whole global batch; the step follows the gradient of
            (sum of weighted losses) / total_weight.
        learning_rate: learning rate of this step.
    """

    index: int
    batches: Sequence[Batch]
    total_weight: float
    learning_rate: float


@dataclass(frozen=True)
class StepResult:
    """The result of a step, still on the device: float(...) waits for it.

    Attributes:
        loss: sum of weighted losses / total_weight.
        grad_norm: global norm over the trainable parameters, before clipping.
        finite: 1 if loss and norm were finite; 0 if not, and then nothing was changed.
    """

    loss: SupportsFloat
    grad_norm: SupportsFloat
    finite: SupportsFloat

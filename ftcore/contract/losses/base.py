"""Defines the protocol of a loss: a frozen definition with a float64 NumPy reference."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from ftcore.contract.batch import Batch
from ftcore.contract.outputs import Outputs

PerOutput = tuple[float, ...] | None
"""One number for each output (class or label), in the outputs' order; None means 1 for each."""

LabelKind = Literal["classes", "probabilities", "numbers", "made"]
"""The labels that a loss reads: "classes", int32 from 0; "probabilities", float32 from 0 to 1, or "numbers", float32,
one for each output; "made" ones come from the data set of a task and cannot be given ready."""

Shape = tuple[Any, ...]
"""Shape of an array; an open dimension is None."""


@dataclass(frozen=True)
class LossValue:
    """A loss over a batch, before it is divided by the total weight.

    Attributes:
        total: sum of weighted losses, nats or squared units.
        gradient: derivative of `total`, float64 in the shape of the logits.
    """

    total: float
    gradient: np.ndarray


class Loss(Protocol):
    """A loss as every backend must compute it: a function of a network's outputs and of the whole batch.

    It may read any output, target, mask or weight. The loss of a global batch is the sum of `total` over its
    micro-batches, divided by the sum of `weight`. A loss that couples examples needs the batch in one piece. A loss of
    vectors reads, in place of logits, float [sequences, hidden], where the vectors of one example are adjacent.
    """

    name: ClassVar[str]
    couples_examples: ClassVar[bool]
    labels: ClassVar[LabelKind]

    def weight(self, batch: Batch) -> float:
        """Return the batch's weight, which is the loss's denominator."""
        ...

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient in float64; the outputs have at least logits."""
        ...


def labels_shape(kind: LabelKind, outputs: Shape) -> Shape | None:
    """Return the shape of the labels for outputs of a shape; None if the outputs' shape does not determine it."""
    if kind == "made":
        return None
    return outputs[:-1] if kind == "classes" else outputs


def logits_of(outputs: Outputs) -> np.ndarray:
    """Return the logits, float [examples, outputs] or [..., outputs], or vectors [sequences, hidden].

    Raises:
        TypeError: the outputs have no logits.
    """
    if outputs.logits is None:
        raise TypeError("the loss reads logits, which the outputs do not have")
    return outputs.logits


def labelled(outputs: Outputs, batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the logits, the labels and the weights.

    Returns:
        Logits, see `logits_of`; the batch's `labels`, int32 [examples] (or [...]) or float32 [examples,
        outputs]; and its weights, float32 [examples] (or [...]).
    """
    return logits_of(outputs), batch.targets["labels"], batch.weights

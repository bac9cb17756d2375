"""What every loss is: a frozen definition with a float64 NumPy reference."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from ftcore.contract.batch import Batch
from ftcore.contract.outputs import Outputs

PerOutput = tuple[float, ...] | None
"""One number for each output (class or label), in the outputs' order; None means 1 for each."""

Shape = tuple[Any, ...]
"""Of an array; a dimension is None where it is open."""


@dataclass(frozen=True)
class LossValue:
    """A loss over a batch, before it is divided by the total weight.

    Attributes:
        total: sum of weighted losses, nats or squared units.
        gradient: float64, the shape of the logits: derivative of `total`.
    """

    total: float
    gradient: np.ndarray


class Loss(Protocol):
    """A loss as every backend must compute it: a function of a network's outputs and of the whole batch.

    It reads what it needs of both: any output, target, mask or weight. The loss of a global batch is the sum of `total`
    over its micro-batches divided by the sum of `weight`. One that couples examples is of a batch that is not split.
    What a loss of vectors reads in place of logits is float [sequences, hidden], those of an example one after another.
    """

    name: ClassVar[str]
    couples_examples: ClassVar[bool]

    @staticmethod
    def labels_shape(outputs: Shape) -> Shape | None:
        """Return the shape of the labels of outputs of a shape; None where it does not follow from theirs.

        Of None are the losses of tasks whose data sets make the labels; the others can be of ready labels.
        """
        ...

    def weight(self, batch: Batch) -> float:
        """Return the batch's weight, the loss's denominator."""
        ...

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient in float64; of the outputs the logits are there at least."""
        ...


def logits_of(outputs: Outputs) -> np.ndarray:
    """Return the logits, float [examples, outputs] (or [..., outputs]; or vectors [sequences, hidden]).

    Raises:
        TypeError: there are none.
    """
    if outputs.logits is None:
        raise TypeError("the loss reads logits, which the outputs do not have")
    return outputs.logits


def labelled(outputs: Outputs, batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what a loss of logits and labels reads.

    Returns:
        Logits as `logits_of` gives them; the batch's `labels`, int32 [examples] (or [...]) or float32 [examples,
        outputs]; and its weights, float32 [examples] (or [...]).
    """
    return logits_of(outputs), batch.targets["labels"], batch.weights

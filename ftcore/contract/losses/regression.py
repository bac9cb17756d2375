"""Defines the regression losses: mean squared error, mean absolute error and Huber."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Gt

from ftcore.contract.batch import Batch
from ftcore.contract.losses.base import LabelKind, LossValue, labelled
from ftcore.contract.outputs import Outputs


def _weight(batch: Batch) -> float:
    return float(batch.weights.astype(np.float64).sum() * batch.targets["labels"].shape[1])


def _difference(outputs: Outputs, batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    logits, labels, weights = labelled(outputs, batch)
    return logits.astype(np.float64) - labels.astype(np.float64), weights.astype(np.float64)[:, None]


@dataclass(frozen=True)
class MeanSquaredError:
    """Mean of (x - y)^2 over all elements; an example's weight is its number of elements."""

    name: ClassVar[str] = "mean-squared-error"
    couples_examples: ClassVar[bool] = False
    labels: ClassVar[LabelKind] = "numbers"

    def weight(self, batch: Batch) -> float:
        """Return the sum of the weights [examples], times the number of outputs of the labels [examples, outputs]."""
        return _weight(batch)

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient; logits and labels [examples, outputs], weights [examples]."""
        difference, scale = _difference(outputs, batch)
        return LossValue(float((scale * difference**2).sum()), scale * 2.0 * difference)


@dataclass(frozen=True)
class MeanAbsoluteError:
    """Mean of the absolute difference of x and y over all elements; its derivative at 0 is 0."""

    name: ClassVar[str] = "mean-absolute-error"
    couples_examples: ClassVar[bool] = False
    labels: ClassVar[LabelKind] = "numbers"

    def weight(self, batch: Batch) -> float:
        """Return the sum of the weights [examples], times the number of outputs of the labels [examples, outputs]."""
        return _weight(batch)

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient; logits and labels [examples, outputs], weights [examples]."""
        difference, scale = _difference(outputs, batch)
        return LossValue(float((scale * np.abs(difference)).sum()), scale * np.sign(difference))


@dataclass(frozen=True)
class Huber:
    """Loss that is squared near zero and linear beyond delta (Huber 1964), as torch.nn.HuberLoss defines it.

    With d = x - y, it is 0.5 d^2 where |d| <= delta, else delta (|d| - 0.5 delta).

    Attributes:
        delta: Size of the difference beyond which the loss is linear, in the labels' unit.
    """

    name: ClassVar[str] = "huber"
    couples_examples: ClassVar[bool] = False
    labels: ClassVar[LabelKind] = "numbers"
    delta: Annotated[float, Gt(0)] = 1.0

    def weight(self, batch: Batch) -> float:
        """Return the sum of the weights [examples], times the number of outputs of the labels [examples, outputs]."""
        return _weight(batch)

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient; logits and labels [examples, outputs], weights [examples]."""
        difference, scale = _difference(outputs, batch)
        size = np.abs(difference)
        losses = np.where(size <= self.delta, 0.5 * difference**2, self.delta * (size - 0.5 * self.delta))
        gradient = np.clip(difference, -self.delta, self.delta)
        return LossValue(float((scale * losses).sum()), scale * gradient)

"""Defines binary cross-entropy on logits, for examples with several labels."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ftcore.contract.batch import Batch
from ftcore.contract.losses.base import LabelKind, LossValue, PerOutput, labelled
from ftcore.contract.outputs import Outputs


@dataclass(frozen=True)
class BinaryCrossEntropy:
    """Binary cross-entropy with logits, as torch.nn.BCEWithLogitsLoss defines it.

    For logit x, label y in [0, 1] and positive weight p, an element's loss is
    -(p y log sigmoid(x) + (1 - y) log(1 - sigmoid(x))). An example's weight is its number of elements.

    Attributes:
        positive_weights: Factor of each label's positive term; null means 1.
    """

    name: ClassVar[str] = "binary-cross-entropy"
    couples_examples: ClassVar[bool] = False
    labels: ClassVar[LabelKind] = "probabilities"
    positive_weights: PerOutput = None

    def weight(self, batch: Batch) -> float:
        """Return the sum of the weights [examples], times the number of outputs of the labels [examples, outputs]."""
        return float(batch.weights.astype(np.float64).sum() * batch.targets["labels"].shape[1])

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient; logits and labels [examples, outputs], weights [examples]."""
        logits, labels, weights = labelled(outputs, batch)
        scores, targets = logits.astype(np.float64), labels.astype(np.float64)
        positive = 1.0 if self.positive_weights is None else np.asarray(self.positive_weights)
        scale = weights.astype(np.float64)[:, None]
        log_positive, log_negative = -np.logaddexp(0.0, -scores), -np.logaddexp(0.0, scores)
        losses = -(positive * targets * log_positive + (1.0 - targets) * log_negative)
        probabilities = np.exp(log_positive)
        gradient = (1.0 - targets) * probabilities - positive * targets * (1.0 - probabilities)
        return LossValue(float((scale * losses).sum()), scale * gradient)

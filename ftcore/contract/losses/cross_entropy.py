"""Defines cross-entropy over classes."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Interval

from ftcore.contract.batch import Batch
from ftcore.contract.losses.base import LabelKind, LossValue, PerOutput, labelled
from ftcore.contract.outputs import Outputs


@dataclass(frozen=True)
class CrossEntropy:
    """Cross-entropy with label smoothing and class weights, as torch.nn.functional.cross_entropy defines them.

    With C classes, smoothing s, class weights w and label y, an example's loss is
    -sum_c q_c w_c log softmax(logits)_c, q_c = (1 - s) [c = y] + s / C (Szegedy et al. 2016, section 7),
    and its weight is w_y.

    Attributes:
        label_smoothing: Share of the target probability that is spread over all classes.
        class_weights: Factor of each class in the loss; null means 1.
    """

    name: ClassVar[str] = "cross-entropy"
    couples_examples: ClassVar[bool] = False
    labels: ClassVar[LabelKind] = "classes"
    label_smoothing: Annotated[float, Interval(ge=0, lt=1)] = 0.0
    class_weights: PerOutput = None

    def weight(self, batch: Batch) -> float:
        """Return the sum of weights[i] * w[labels[i]]; weights and labels have the same shape."""
        example_weights = batch.weights.astype(np.float64)
        if self.class_weights is not None:
            example_weights = example_weights * np.asarray(self.class_weights)[batch.targets["labels"]]
        return float(example_weights.sum())

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient; logits [..., classes], labels int32 [...], weights [...]."""
        logits, labels, weights = labelled(outputs, batch)
        scores = logits.astype(np.float64).reshape(-1, logits.shape[-1])
        labels, classes = labels.reshape(-1), logits.shape[-1]
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        targets = np.full_like(scores, self.label_smoothing / classes)
        targets[np.arange(len(labels)), labels] += 1.0 - self.label_smoothing
        if self.class_weights is not None:
            targets = targets * np.asarray(self.class_weights)
        targets = targets * weights.astype(np.float64).reshape(-1, 1)
        gradient = np.exp(log_probabilities) * targets.sum(axis=1, keepdims=True) - targets
        return LossValue(float(-(targets * log_probabilities).sum()), gradient.reshape(logits.shape))

"""A loss's reference and weight, of arrays alone."""

import numpy as np

from ftcore.contract import Batch, Outputs
from ftcore.contract.losses import Loss, LossValue


def batch(labels: np.ndarray, weights: np.ndarray) -> Batch:
    return Batch({}, {"labels": labels}, weights, np.arange(len(weights)))


def reference(loss: Loss, logits: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> LossValue:
    return loss.reference(Outputs(logits), batch(labels, weights))


def weight(loss: Loss, labels: np.ndarray, weights: np.ndarray) -> float:
    return loss.weight(batch(labels, weights))

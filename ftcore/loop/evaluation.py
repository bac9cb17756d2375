"""Evaluation: a whole split through the network, its loss and metrics."""

import numpy as np

from ftcore.backend import Learner, Want
from ftcore.data.batches import evaluation_batches
from ftcore.data.dataset import Dataset
from ftcore.losses import Loss
from ftcore.metrics import Metrics


def evaluate(learner: Learner, dataset: Dataset, loss: Loss, metrics: Metrics) -> dict[str, float]:
    """Return the split's loss (sum of weighted losses / sum of weights) and its metrics."""
    total, weight = 0.0, 0.0
    parts: list[np.ndarray] = []
    ids: list[np.ndarray] = []
    for batch in evaluation_batches(dataset):
        outputs = learner.forward(batch, Want(logits=True, loss=True))
        parts.append(_given(outputs.logits))
        ids.append(batch.example_ids)
        total += outputs.loss or 0.0
        weight += loss.weight(batch.targets["labels"], batch.weights)
    logits = in_order(parts, ids)
    return {"loss": total / weight, **metrics(logits, dataset.targets)}


def logits_of(learner: Learner, dataset: Dataset) -> np.ndarray:
    """Return the logits of every example, float [examples, outputs], in the data set's order."""
    parts, ids = [], []
    for batch in evaluation_batches(dataset):
        parts.append(_given(learner.forward(batch, Want(logits=True)).logits))
        ids.append(batch.example_ids)
    return in_order(parts, ids)


def in_order(parts: list[np.ndarray], ids: list[np.ndarray]) -> np.ndarray:
    """Return the rows of all parts, put at the places that `ids` tell."""
    rows = np.concatenate(parts)
    ordered = np.empty_like(rows)
    ordered[np.concatenate(ids)] = rows
    return ordered


def _given(array: np.ndarray | None) -> np.ndarray:
    if array is None:
        raise TypeError("the backend did not give the logits that were asked for")
    return array

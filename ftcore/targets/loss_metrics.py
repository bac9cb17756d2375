"""Defines the metrics that follow from the loss, for tasks without their own."""

import numpy as np

from ftcore.contract.losses import LabelKind
from ftcore.evaluation import Metrics


def of_labels(kind: LabelKind) -> Metrics:
    """Return accuracy for classes and probabilities, and errors for numbers."""
    return {"classes": class_accuracy, "probabilities": label_accuracy}.get(kind, errors)


def names(kind: LabelKind) -> tuple[str, ...]:
    """Return the names of the metrics of a kind of labels."""
    return ("mean_squared_error", "mean_absolute_error") if kind == "numbers" else ("accuracy",)


def class_accuracy(logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
    """Return the accuracy of logits, float [examples, classes]; targets are int32 [examples], weights [examples]."""
    return {"accuracy": _mean(logits.argmax(axis=1) == targets, weights)}


def label_accuracy(logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
    """Return the share of right signs of logits, float [examples, labels]; targets are 0 or 1, of the same shape.

    Weights are float32 [examples]; None for 1.
    """
    return {"accuracy": _mean((logits > 0) == (targets > 0.5), weights)}


def errors(logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
    """Return mean squared and absolute error of logits, float [examples, outputs]; targets have the same shape.

    Weights are float32 [examples]; None for 1.
    """
    difference = logits.astype(np.float64) - targets
    return {
        "mean_squared_error": _mean(difference**2, weights),
        "mean_absolute_error": _mean(np.abs(difference), weights),
    }


def _mean(values: np.ndarray, weights: np.ndarray | None) -> float:
    """Return the mean of values [examples] or [examples, outputs], with the weight of each example in it."""
    rows = values if values.ndim == 1 else values.mean(axis=1, dtype=np.float64)
    return float(np.average(rows, weights=weights))

"""Defines the metrics that follow from the loss, for tasks without their own."""

import numpy as np

from ftcore.contract.losses import BinaryCrossEntropy, CrossEntropy, Loss
from ftcore.evaluation import Metrics


def for_loss(loss: Loss) -> Metrics:
    """Return accuracy for losses of labels, and errors for losses of numbers."""
    if isinstance(loss, CrossEntropy):
        return class_accuracy
    if isinstance(loss, BinaryCrossEntropy):
        return label_accuracy
    return errors


def names(loss: type[Loss]) -> tuple[str, ...]:
    """Return the names of a loss's metrics."""
    if issubclass(loss, CrossEntropy | BinaryCrossEntropy):
        return ("accuracy",)
    return ("mean_squared_error", "mean_absolute_error")


def class_accuracy(logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Return the accuracy of logits, float [examples, classes]; targets are int32 [examples]."""
    return {"accuracy": float((logits.argmax(axis=1) == targets).mean())}


def label_accuracy(logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Return the share of right signs of logits, float [examples, labels]; targets are 0 or 1, of the same shape."""
    return {"accuracy": float(((logits > 0) == (targets > 0.5)).mean())}


def errors(logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Return mean squared and absolute error of logits, float [examples, outputs]; targets have the same shape."""
    difference = logits.astype(np.float64) - targets
    return {
        "mean_squared_error": float((difference**2).mean()),
        "mean_absolute_error": float(np.abs(difference).mean()),
    }

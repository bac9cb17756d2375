"""Metrics that a loss alone calls for, where no task names its own."""

import numpy as np

from ftcore.contract.losses import BinaryCrossEntropy, CrossEntropy, Loss
from ftcore.evaluation import Metrics


def for_loss(loss: Loss) -> Metrics:
    """Return accuracy for the losses of labels, the errors for those of numbers."""
    if isinstance(loss, CrossEntropy):
        return class_accuracy
    if isinstance(loss, BinaryCrossEntropy):
        return label_accuracy
    return errors


def names(loss: type[Loss]) -> tuple[str, ...]:
    """Return what the metrics of a loss are called."""
    if issubclass(loss, CrossEntropy | BinaryCrossEntropy):
        return ("accuracy",)
    return ("mean_squared_error", "mean_absolute_error")


def class_accuracy(logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Return the share of examples whose largest logit is at the target, int32 [examples]."""
    return {"accuracy": float((logits.argmax(axis=1) == targets).mean())}


def label_accuracy(logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Return the share of elements whose logit is on the target's side of 0."""
    return {"accuracy": float(((logits > 0) == (targets > 0.5)).mean())}


def errors(logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Return the mean squared and mean absolute error over all elements."""
    difference = logits.astype(np.float64) - targets
    return {
        "mean_squared_error": float((difference**2).mean()),
        "mean_absolute_error": float(np.abs(difference).mean()),
    }

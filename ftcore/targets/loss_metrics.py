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

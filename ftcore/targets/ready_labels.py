"""Defines the target of ready labels in an array: classes for cross-entropy, else numbers."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from ftcore.contract.losses import LOSSES, Loss
from ftcore.data import TargetCollector
from ftcore.inputs.arrays import numbers_as_labels
from ftcore.parts import SpecPart
from ftcore.targets import loss_metrics
from ftcore.targets.base import Known, Modes, Prediction
from ftcore.targets.logits import LogitsObjective, LogitsTarget
from ftcore.targets.settings import LabelOrder


class ReadyLabels(LogitsTarget):
    """Labels of the kind that the loss reads: a class for cross-entropy, else numbers."""

    name: ClassVar[str] = "ready-labels"
    column: ClassVar[str] = "labels"
    losses: ClassVar[tuple[type[Loss], ...]] = tuple(loss for loss in LOSSES.values() if loss.labels != "made")
    metric: ClassVar[str] = "loss"
    modes: ClassVar[Modes] = {
        "loss": "min",
        "accuracy": "max",
        "mean_squared_error": "min",
        "mean_absolute_error": "min",
    }
    parts: ClassVar[tuple[type[SpecPart], ...]] = (LabelOrder,)

    def modes_of(self, loss: str) -> Modes:
        """Return the metrics of the loss."""
        return {name: self.modes[name] for name in ("loss", *loss_metrics.names(LOSSES[loss].labels))}

    def collector(self, labels: Sequence[str] | None) -> TargetCollector:
        """Raise TypeError: ready labels are an array, not read row by row."""
        raise TypeError("ready labels are an array")

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return targets if they are classes, int32 [rows]; else None."""
        return targets if targets.ndim == 1 else None

    def objective(self, known: Known) -> LogitsObjective:
        """Return the bound target."""
        return LogitsObjective(self, known, _OfLoss(known.loss))


class _OfLoss:
    """The metrics and predictions that follow from a loss."""

    def __init__(self, loss: Loss) -> None:
        self._loss = loss

    def undefined(self, targets: Any) -> dict[str, str]:
        return {}

    def initial_bias(self, targets: Any) -> np.ndarray | None:
        return None

    def metrics(self, logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
        return loss_metrics.of_labels(self._loss.labels)(logits, targets, weights)

    def predictions(self, logits: np.ndarray, labels: Sequence[str]) -> list[Prediction]:
        """Return {"outputs": the network's numbers} per row; for cross-entropy also "label", the class or its name."""
        rows: list[Prediction] = [{"outputs": row} for row in logits.tolist()]
        if self._loss.labels != "classes":
            return rows
        numbered = list(labels) == numbers_as_labels(len(labels))
        chosen = logits.argmax(axis=1).tolist()
        return [{"label": best if numbered else labels[best], **row} for best, row in zip(chosen, rows, strict=True)]

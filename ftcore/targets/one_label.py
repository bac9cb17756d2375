"""Defines the target of one class per example."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.data import Dataset
from ftcore.parts import SpecPart
from ftcore.targets.base import ClassMetrics, Known, Modes, Prediction
from ftcore.targets.label_codes import LabelCodes
from ftcore.targets.logits import LogitsObjective, LogitsTarget, check_several, same_label
from ftcore.targets.settings import LabelOrder


def class_metrics(logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
    """Return accuracy and macro-averaged F1.

    Args:
        logits: float [examples, classes].
        targets: int32 [examples].
        weights: float32 [examples]; None for 1.
    """
    from sklearn.metrics import accuracy_score, f1_score

    predicted = logits.argmax(axis=1)
    return {
        "accuracy": float(accuracy_score(targets, predicted, sample_weight=weights)),
        "macro_f1": float(f1_score(targets, predicted, average="macro", sample_weight=weights, zero_division=0)),
    }


class OneLabel(LogitsTarget):
    """One class per example."""

    name: ClassVar[str] = "one-label"
    column: ClassVar[str] = "label"
    problem_type: ClassVar[str] = "single_label_classification"
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)
    metric: ClassVar[str] = "accuracy"
    modes: ClassVar[Modes] = {"loss": "min", "accuracy": "max", "macro_f1": "max"}
    parts: ClassVar[tuple[type[SpecPart], ...]] = (LabelOrder,)

    @property
    def class_metrics(self) -> ClassMetrics:
        """Return the metrics function of classes."""
        return class_metrics

    def metrics(self, logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
        """Return accuracy and macro F1; see `class_metrics`."""
        return class_metrics(logits, targets, weights)

    def collector(self, labels: Sequence[str] | None) -> "_OneLabel":
        """Return a collector of one label per row: a string, integer or boolean."""
        return _OneLabel(LabelCodes(labels))

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return targets, the classes, int32 [rows]."""
        return targets

    def check_labels(self, labels: Sequence[str], name: str) -> None:
        """Raise DataError if the file `name` has fewer than two classes."""
        super().check_labels(labels, name)
        check_several(labels, name, "row")

    def predictions(self, logits: np.ndarray, labels: Sequence[str]) -> list[Prediction]:
        """Return {"label": the most probable, "scores": {label: probability}} per row, from logits [rows, classes]."""
        scores = logits.astype(np.float64)
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        return [
            {"label": labels[int(row.argmax())], "scores": dict(zip(labels, row.tolist(), strict=True))}
            for row in probabilities
        ]

    def objective(self, known: Known) -> "LabelObjective":
        """Return the bound target."""
        return LabelObjective(self, known, self)


class LabelObjective(LogitsObjective):
    """The bound target of one class."""

    def notes_of_split(self, where: str, split: Dataset) -> list[str]:
        """Return a note if all rows of a split have the same label."""
        return same_label(where, self.labels, split.targets, "row")


class _OneLabel:
    def __init__(self, codes: LabelCodes) -> None:
        self._codes = codes
        self._rows = codes.array()

    @property
    def notes(self) -> Sequence[str]:
        return self._codes.notes

    def add(self, value: object) -> None:
        self._rows.append(self._codes.code(value))

    def finish(self) -> tuple[list[str], np.ndarray]:
        labels, order = self._codes.finish()
        rows = np.asarray(self._rows, dtype=np.int32)
        return labels, order[rows] if len(rows) else rows

"""What tasks of one class an example share: targets, metrics, and how predictions read."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ftcore.tasks.labels import LabelCodes


class OneLabel:
    """Gathers one label a row: a string, integer or boolean."""

    def __init__(self, labels: Sequence[str] | None) -> None:
        self._codes = LabelCodes(labels)
        self._rows = LabelCodes.array()

    def add(self, value: object) -> None:
        """Take one row's label; raises ValueError with the reason where it is wrong."""
        self._rows.append(self._codes.code(value))

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the labels in order, and int32 [rows]."""
        labels, order = self._codes.finish()
        rows = np.asarray(self._rows, dtype=np.int32)
        return labels, order[rows] if len(rows) else rows


def class_metrics(logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Return accuracy and macro-averaged F1; logits float [examples, outputs], targets int32 [examples]."""
    from sklearn.metrics import accuracy_score, f1_score

    predicted = logits.argmax(axis=1)
    return {
        "accuracy": float(accuracy_score(targets, predicted)),
        "macro_f1": float(f1_score(targets, predicted, average="macro", zero_division=0)),
    }


def class_predictions(logits: np.ndarray, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Return {"label": the most probable, "scores": {label: probability}} a row; logits float [examples, outputs]."""
    scores = logits.astype(np.float64)
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return [
        {"label": labels[int(row.argmax())], "scores": dict(zip(labels, row.tolist(), strict=True))}
        for row in probabilities
    ]

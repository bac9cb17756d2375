"""What tasks of one class an example share: all but what an example is."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.targets.label_codes import LabelCodes


class OneLabelTask:
    """One of several classes; a task adds its name and what it reads."""

    unit: ClassVar[Literal["sequence"]] = "sequence"
    target: ClassVar[str] = "label"
    problem_type: ClassVar[str] = "single_label_classification"
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)
    metric: ClassVar[str] = "accuracy"
    modes: ClassVar[Mapping[str, Literal["max", "min"]]] = {"loss": "min", "accuracy": "max", "macro_f1": "max"}

    def collector(self, labels: Sequence[str] | None) -> "_OneLabel":
        """Return a collector of one label a row: a string, integer or boolean."""
        return _OneLabel(LabelCodes(labels))

    def outputs(self, labels: Sequence[str]) -> int:
        """Return one logit a class."""
        return len(labels)

    def initial_bias(self, targets: np.ndarray) -> np.ndarray | None:
        """Return None: every class starts alike."""
        return None

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return the classes."""
        return targets

    def metrics(self, logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
        """Return accuracy and macro-averaged F1."""
        from sklearn.metrics import accuracy_score, f1_score

        predicted = logits.argmax(axis=1)
        return {
            "accuracy": float(accuracy_score(targets, predicted)),
            "macro_f1": float(f1_score(targets, predicted, average="macro", zero_division=0)),
        }

    def predictions(self, logits: np.ndarray, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return {"label": the most probable, "scores": {label: probability}} a row."""
        scores = logits.astype(np.float64)
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        return [
            {"label": labels[int(row.argmax())], "scores": dict(zip(labels, row.tolist(), strict=True))}
            for row in probabilities
        ]


class _OneLabel:
    def __init__(self, codes: LabelCodes) -> None:
        self._codes = codes
        self._rows = codes.array()

    def add(self, value: object) -> None:
        self._rows.append(self._codes.code(value))

    def finish(self) -> tuple[list[str], np.ndarray]:
        labels, order = self._codes.finish()
        rows = np.asarray(self._rows, dtype=np.int32)
        return labels, order[rows] if len(rows) else rows

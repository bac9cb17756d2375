"""Defines the target of any number of labels per example."""

from array import array
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ftcore.contract.losses import BinaryCrossEntropy, Loss
from ftcore.data import Dataset
from ftcore.parts import SpecPart
from ftcore.targets.base import Known, Modes, Prediction
from ftcore.targets.label_codes import LabelCodes, label_text
from ftcore.targets.logits import LogitsObjective, LogitsTarget
from ftcore.targets.settings import LabelOrder

SEPARATOR = "|"
"""Separates the labels of a row in files without lists (CSV, TSV)."""


class SeveralLabels(LogitsTarget):
    """Several labels, each of which an example has or not."""

    name: ClassVar[str] = "several-labels"
    column: ClassVar[str] = "labels"
    problem_type: ClassVar[str] = "multi_label_classification"
    losses: ClassVar[tuple[type[Loss], ...]] = (BinaryCrossEntropy,)
    metric: ClassVar[str] = "micro_f1"
    modes: ClassVar[Modes] = {"loss": "min", "micro_f1": "max", "macro_f1": "max", "exact_match": "max"}
    parts: ClassVar[tuple[type[SpecPart], ...]] = (LabelOrder,)

    def collector(self, labels: Sequence[str] | None) -> "_LabelSets":
        """Return a collector of a list of labels per row, or of text with "|" between labels."""
        return _LabelSets(LabelCodes(labels))

    def objective(self, known: Known) -> "LabelSetObjective":
        """Return the bound target."""
        return LabelSetObjective(self, known, self)

    def metrics(self, logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
        """Return micro and macro F1 and the share of rows with exactly the right labels, at probability 0.5.

        Both F1 are absent if no row has a label. Macro F1 is the mean over labels that occur or are predicted.

        Args:
            logits: float [examples, labels].
            targets: float32 [examples, labels].
        """
        from sklearn.metrics import accuracy_score, f1_score

        predicted, wanted = (logits > 0).astype(np.int32), targets.astype(np.int32)
        # sklearn would read a single column as the two classes 0 and 1.
        micro, macro = ("micro", "macro") if wanted.shape[1] > 1 else ("binary", "binary")
        scores = {
            "micro_f1": float(f1_score(wanted, predicted, average=micro, zero_division=np.nan)),
            "macro_f1": float(f1_score(wanted, predicted, average=macro, zero_division=np.nan)),
            "exact_match": float(accuracy_score(wanted, predicted)),
        }
        return {name: value for name, value in scores.items() if name not in self.undefined(targets)}

    def undefined(self, targets: np.ndarray) -> dict[str, str]:
        """Return both F1 if no row has a label; targets are float32 [examples, labels]."""
        return {} if targets.any() else dict.fromkeys(("micro_f1", "macro_f1"), "no row has a label")

    def predictions(self, logits: np.ndarray, labels: Sequence[str]) -> list[Prediction]:
        """Return {"labels": those above 0.5, "scores": {label: probability}} per row, from logits [rows, labels]."""
        probabilities = np.exp(-np.logaddexp(0.0, -logits.astype(np.float64)))
        return [
            {
                "labels": [label for label, score in zip(labels, row, strict=True) if score > 0.5],
                "scores": dict(zip(labels, row.tolist(), strict=True)),
            }
            for row in probabilities
        ]


class LabelSetObjective(LogitsObjective):
    """The bound target of several labels."""

    def notes_of_split(self, where: str, split: Dataset) -> list[str]:
        """Return notes about undefined metrics, and about labels that no row of a split has."""
        missing = [self.labels[place] for place in np.flatnonzero(~split.targets.astype(bool).any(axis=0))]
        if not missing or len(missing) == len(self.labels):
            return super().notes_of_split(where, split)
        return [f"{where}: no row has {', '.join(missing)}: macro_f1 counts such a label only where it is predicted"]


class _LabelSets:
    def __init__(self, codes: LabelCodes) -> None:
        self._codes = codes
        self._flat = codes.array()
        self._ends = array("q")

    def add(self, value: object) -> None:
        if value is None:
            raise ValueError("the labels are missing")
        if isinstance(value, str):
            value = [part.strip() for part in value.split(SEPARATOR)] if value.strip() else []
        if not isinstance(value, list | tuple | np.ndarray):
            raise ValueError(f"labels must be a list, or text with {SEPARATOR!r} between labels, not {value!r}")
        texts = [label_text(label) for label in value]  # check all before one becomes a class
        self._flat.extend([self._codes.code(text) for text in texts])
        self._ends.append(len(self._flat))

    def finish(self) -> tuple[list[str], np.ndarray]:
        labels, order = self._codes.finish()
        targets = np.zeros((len(self._ends), len(labels)), dtype=np.float32)
        counts: np.ndarray = np.diff(np.asarray(self._ends, dtype=np.int64), prepend=0)
        if len(self._flat):
            targets[np.repeat(np.arange(len(counts)), counts.astype(np.int64)), order[np.asarray(self._flat)]] = 1.0
        return labels, targets

"""One label an image."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from ftcore.losses import CrossEntropy, Loss
from ftcore.tasks.one_label import OneLabel, class_metrics, class_predictions


class ImageClassification:
    """One of several classes."""

    name: ClassVar[str] = "image-classification"
    reads: ClassVar[Literal["tokens", "images"]] = "images"
    unit: ClassVar[Literal["sequence", "token"]] = "sequence"
    target: ClassVar[str] = "label"
    problem_type: ClassVar[str] = "single_label_classification"
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)
    metric: ClassVar[str] = "accuracy"
    modes: ClassVar[Mapping[str, Literal["max", "min"]]] = {"loss": "min", "accuracy": "max", "macro_f1": "max"}

    def collector(self, labels: Sequence[str] | None) -> OneLabel:
        """Return a collector of one label a row."""
        return OneLabel(labels)

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
        return class_metrics(logits, targets)

    def predictions(self, logits: np.ndarray, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return {"label": the most probable, "scores": {label: probability}} a row."""
        return class_predictions(logits, labels)

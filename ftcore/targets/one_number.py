"""Defines the target of one number per example."""

from array import array
from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar

import numpy as np

from ftcore.contract.losses import Huber, Loss, MeanAbsoluteError, MeanSquaredError
from ftcore.contract.network import Head, TokenHead
from ftcore.data import CountedDataset, finite_number
from ftcore.models import ModelPlan
from ftcore.targets.base import Known, Modes, Prediction, with_tensors
from ftcore.targets.correlations import CONSTANT_LABELS, CONSTANT_PREDICTIONS, correlation, pearson, spearman, varies
from ftcore.targets.initial_head import new_classifier
from ftcore.targets.logits import LogitsObjective, LogitsTarget


class OneNumber(LogitsTarget):
    """One number per example."""

    name: ClassVar[str] = "one-number"
    column: ClassVar[str] = "label"
    problem_type: ClassVar[str] = "regression"
    losses: ClassVar[tuple[type[Loss], ...]] = (MeanSquaredError, MeanAbsoluteError, Huber)
    metric: ClassVar[str] = "pearson"
    modes: ClassVar[Modes] = {
        "loss": "min",
        "pearson": "max",
        "spearman": "max",
        "mean_squared_error": "min",
        "mean_absolute_error": "min",
    }
    undefined_if: ClassVar[Mapping[str, str]] = dict.fromkeys(("pearson", "spearman"), CONSTANT_PREDICTIONS)

    def collector(self, labels: Sequence[str] | None) -> "_Numbers":
        """Return a collector of one finite number per row."""
        return _Numbers()

    def outputs(self, labels: Sequence[str]) -> int:
        """Return 1."""
        return 1

    def initial_bias(self, targets: np.ndarray) -> np.ndarray | None:
        """Return the mean of targets [rows, 1], which would else take thousands of steps to reach."""
        return np.asarray(targets.mean(axis=0, dtype=np.float64), dtype=np.float32)

    def metrics(self, logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float]:
        """Return both correlations, unless one side is constant, and both errors; Spearman's has no weights.

        Args:
            logits: float [examples, 1].
            targets: float32 [examples, 1].
            weights: float32 [examples]; None for 1.
        """
        predicted, wanted = logits[:, 0].astype(np.float64), targets[:, 0].astype(np.float64)
        return {
            **correlation("pearson", partial(pearson, weights=weights), predicted, wanted),
            **correlation("spearman", spearman, predicted, wanted),
            "mean_squared_error": float(np.average((predicted - wanted) ** 2, weights=weights)),
            "mean_absolute_error": float(np.average(np.abs(predicted - wanted), weights=weights)),
        }

    def undefined(self, targets: np.ndarray) -> dict[str, str]:
        """Return the correlations if all targets [rows, 1] are the same."""
        return {} if varies(targets[:, 0]) else dict.fromkeys(("pearson", "spearman"), CONSTANT_LABELS)

    def predictions(self, logits: np.ndarray, labels: Sequence[str]) -> list[Prediction]:
        """Return {"label": the number} per row, from logits [rows, 1]."""
        return [{"label": float(row[0])} for row in logits]

    def objective(self, known: Known) -> "NumberObjective":
        """Return the bound target."""
        return NumberObjective(self, known, self)


class NumberObjective(LogitsObjective):
    """The bound target of one number.

    A new head on two normalized vectors starts as their cosine, scaled to the range of the targets. A sentence encoder
    already knows this similarity; a random head would have to learn it again.
    """

    def initialized(self, model: ModelPlan, train: CountedDataset) -> ModelPlan:
        """Return the model with the initial values of a new head."""
        names = new_classifier(model)
        if names is None or not _compares(model.network.head):
            return super().initialized(model, train)
        weight, bias = names
        lowest, highest = float(train.targets.min()), float(train.targets.max())
        values = {weight: _cosine(model.tensors[weight], highest - lowest)}
        if bias is not None:
            values[bias] = np.asarray([lowest], np.float32)
        return with_tensors(model, values)


def _compares(head: Head | TokenHead) -> bool:
    return head.pair == "concat_difference_product" and head.normalize


def _cosine(drawn: np.ndarray, scale: float) -> np.ndarray:
    """Return the weight [1, 4 * hidden] for [u, v, abs(u - v), u * v] that gives scale times the cosine."""
    hidden = drawn.shape[1] // 4
    values = np.zeros_like(drawn)
    values[:, 3 * hidden :] = scale
    return values


class _Numbers:
    notes: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._rows = array("d")

    def add(self, value: object) -> None:
        self._rows.append(finite_number(value, "label"))

    def finish(self) -> tuple[list[str], np.ndarray]:
        return [], np.asarray(self._rows, dtype=np.float32)[:, None]

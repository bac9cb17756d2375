"""A number a text, or a pair of texts."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from ftcore.contract.losses import Huber, Loss, MeanAbsoluteError, MeanSquaredError
from ftcore.data.forms import TEXTS, Form
from ftcore.targets.numbers import finite_number


class TextRegression:
    """One number."""

    name: ClassVar[str] = "text-regression"
    reads: ClassVar[Literal["tokens"]] = "tokens"
    forms: ClassVar[tuple[Form, ...]] = TEXTS
    unit: ClassVar[Literal["sequence"]] = "sequence"
    target: ClassVar[str] = "label"
    problem_type: ClassVar[str] = "regression"
    losses: ClassVar[tuple[type[Loss], ...]] = (MeanSquaredError, MeanAbsoluteError, Huber)
    metric: ClassVar[str] = "pearson"
    modes: ClassVar[Mapping[str, Literal["max", "min"]]] = {
        "loss": "min",
        "pearson": "max",
        "spearman": "max",
        "mean_squared_error": "min",
        "mean_absolute_error": "min",
    }

    def collector(self, labels: Sequence[str] | None) -> "_Numbers":
        """Return a collector of one finite number a row."""
        return _Numbers()

    def outputs(self, labels: Sequence[str]) -> int:
        """Return 1."""
        return 1

    def initial_bias(self, targets: np.ndarray) -> np.ndarray | None:
        """Return the mean: steps of a learning rate's size would need thousands to get there from zero."""
        return np.asarray(targets.mean(axis=0, dtype=np.float64), dtype=np.float32)

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return None: numbers have no classes."""
        return None

    def metrics(self, logits: np.ndarray, targets: np.ndarray) -> dict[str, float]:
        """Return both correlations (0 where one side is constant) and both errors."""
        from scipy.stats import pearsonr, spearmanr

        predicted, wanted = logits[:, 0].astype(np.float64), targets[:, 0].astype(np.float64)
        varied = len(wanted) > 1 and np.ptp(predicted) > 0 and np.ptp(wanted) > 0
        return {
            "pearson": float(pearsonr(predicted, wanted).statistic) if varied else 0.0,
            "spearman": float(spearmanr(predicted, wanted).statistic) if varied else 0.0,
            "mean_squared_error": float(((predicted - wanted) ** 2).mean()),
            "mean_absolute_error": float(np.abs(predicted - wanted).mean()),
        }

    def predictions(self, logits: np.ndarray, labels: Sequence[str]) -> list[dict[str, Any]]:
        """Return {"label": the number} a row."""
        return [{"label": float(row[0])} for row in logits]


class _Numbers:
    def __init__(self) -> None:
        self._rows = array("d")

    def add(self, value: object) -> None:
        self._rows.append(finite_number(value, "label"))

    def finish(self) -> tuple[list[str], np.ndarray]:
        return [], np.asarray(self._rows, dtype=np.float32)[:, None]

"""Defines what the evaluation of a split gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Evaluated:
    """An evaluated split.

    Attributes:
        metrics: the loss and metrics.
        outputs: the logits from which metrics and predictions are read, float [rows, ...]; None if they are too many to
            be kept, as those of a language model.
        predict: returns the prediction for each row; [] if the evaluation makes none.
    """

    metrics: dict[str, float]
    outputs: np.ndarray | None = None
    predict: Callable[[], list[dict[str, Any]]] = list


@dataclass(frozen=True)
class Judged:
    """Generated texts and their metrics."""

    metrics: dict[str, float]
    texts: list[str]

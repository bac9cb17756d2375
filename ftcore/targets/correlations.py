"""Computes correlations, which are undefined where one side is constant."""

from collections.abc import Callable
from typing import Any

import numpy as np

CONSTANT_LABELS = "all labels are the same, or there is one row"
CONSTANT_PREDICTIONS = "all predictions are the same"


def varies(values: np.ndarray) -> bool:
    """Return whether values, float [rows], are not all the same."""
    return len(values) > 1 and bool(np.ptp(values) > 0)


def correlation(
    name: str, correlate: Callable[[np.ndarray, np.ndarray], Any], predicted: np.ndarray, wanted: np.ndarray
) -> dict[str, float]:
    """Return a correlation by its name, or nothing if it is undefined.

    Args:
        name: the metric's name.
        correlate: scipy's function of both sides, float64 [rows] each.
        predicted: float64 [rows].
        wanted: float64 [rows].
    """
    if not (varies(predicted) and varies(wanted)):
        return {}
    found = float(correlate(predicted, wanted).statistic)
    # Differences below the precision of their size leave no correlation either.
    return {name: found} if np.isfinite(found) else {}

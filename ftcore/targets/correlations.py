"""Computes correlations, which are undefined where one side is constant."""

from collections.abc import Callable

import numpy as np

CONSTANT_LABELS = "all labels are the same, or there is one row"
CONSTANT_PREDICTIONS = "all predictions are the same"


def varies(values: np.ndarray) -> bool:
    """Return whether values, float [rows], are not all the same."""
    return len(values) > 1 and bool(np.ptp(values) > 0)


def correlation(
    name: str, correlate: Callable[[np.ndarray, np.ndarray], float], predicted: np.ndarray, wanted: np.ndarray
) -> dict[str, float]:
    """Return a correlation by its name, or nothing if it is undefined.

    Args:
        name: the metric's name.
        correlate: a function of both sides, float64 [rows] each.
        predicted: float64 [rows].
        wanted: float64 [rows].
    """
    if not (varies(predicted) and varies(wanted)):
        return {}
    found = correlate(predicted, wanted)
    # Differences below the precision of their size leave no correlation either.
    return {name: found} if np.isfinite(found) else {}


def spearman(predicted: np.ndarray, wanted: np.ndarray) -> float:
    """Return Spearman's correlation.

    Args:
        predicted: float64 [rows].
        wanted: float64 [rows].
    """
    from scipy.stats import spearmanr

    return float(spearmanr(predicted, wanted).statistic)


def pearson(predicted: np.ndarray, wanted: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return Pearson's correlation.

    Args:
        predicted: float64 [rows].
        wanted: float64 [rows].
        weights: float64 [rows], in every mean; None for 1.
    """
    from scipy.stats import pearsonr

    if weights is None:
        return float(pearsonr(predicted, wanted).statistic)
    covariance = np.cov(predicted, wanted, aweights=weights)
    return float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))

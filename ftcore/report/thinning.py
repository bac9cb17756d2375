"""Fewer points for a plot of a long run, without hiding what matters."""

import numpy as np

POINTS = 2000
"""Above this a browser's vector graphics become slow."""


def evenly(count: int, points: int = POINTS) -> np.ndarray:
    """Return rising places int64 [at most points] among `count`, the first and the last with them."""
    return np.unique(np.linspace(0, count - 1, min(count, points)).round().astype(np.int64))


def peaks(values: np.ndarray, points: int = POINTS) -> np.ndarray:
    """Return rising places int64 [at most points]: of each stretch of the values [count] the largest one's."""
    if len(values) <= points:
        return np.arange(len(values))
    stretches = np.array_split(np.arange(len(values)), points)
    return np.asarray([stretch[values[stretch].argmax()] for stretch in stretches])

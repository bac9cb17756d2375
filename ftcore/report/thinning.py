"""Reduces the points in a plot of a long run, but keeps the peaks."""

import numpy as np

POINTS = 2000
"""With more points, a browser's vector graphics become slow."""


def evenly(count: int, points: int = POINTS) -> np.ndarray:
    """Return rising indices below `count`, int64 [at most points], including the first and the last."""
    return np.unique(np.linspace(0, count - 1, min(count, points)).round().astype(np.int64))


def peaks(values: np.ndarray, points: int = POINTS) -> np.ndarray:
    """Return rising indices, int64 [at most points]: that of the largest in each segment of the values [count]."""
    if len(values) <= points:
        return np.arange(len(values))
    stretches = np.array_split(np.arange(len(values)), points)
    return np.asarray([stretch[values[stretch].argmax()] for stretch in stretches])

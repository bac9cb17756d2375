"""Measures the difference of two free-running loss curves at each step; it grows with rounding, and does not decide."""

from dataclasses import dataclass

import numpy as np

from ftcore.comparison.records import Training


@dataclass(frozen=True)
class CurveDifference:
    """The relative difference of two loss curves.

    Attributes:
        steps: int64 [steps], the steps that both runs took.
        relative: float64 [steps], |first - second| / max(|first|, tiny); infinite where a loss is not finite.
    """

    steps: np.ndarray
    relative: np.ndarray


@dataclass(frozen=True)
class Agreement:
    """How closely two loss curves agree.

    Attributes:
        bound: the relative difference from which on they are said to have left each other.
        steps: number of steps that both runs took.
        largest, largest_at: the largest relative difference, and its step.
        beyond: the first step whose difference exceeds the bound; None if there is none.
    """

    bound: float
    steps: int
    largest: float
    largest_at: int
    beyond: int | None


def relative_difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return |first - second| / max(|first|, tiny), float64 [steps]; infinite where one is not finite.

    Args:
        first: float [steps].
        second: float [steps].
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        relative = np.abs(first - second) / np.maximum(np.abs(first), np.finfo(np.float64).tiny)
    return np.where(np.isfinite(first) & np.isfinite(second), relative, np.inf)


def curve_difference(first: Training, second: Training) -> CurveDifference:
    """Return the relative difference at the steps that both runs took."""
    steps, rows, other_rows = np.intersect1d(first.steps, second.steps, assume_unique=True, return_indices=True)
    return CurveDifference(steps, relative_difference(first.losses[rows], second.losses[other_rows]))


def agreement(first: Training, second: Training, bound: float) -> Agreement:
    """Compare two loss curves with a bound; the runs must have a step in common."""
    curve = curve_difference(first, second)
    peak, beyond = int(curve.relative.argmax()), curve.steps[curve.relative > bound]
    return Agreement(
        bound=bound,
        steps=len(curve.steps),
        largest=float(curve.relative[peak]),
        largest_at=int(curve.steps[peak]),
        beyond=int(beyond[0]) if len(beyond) else None,
    )

"""Measures the difference of two loss curves at each step."""

from dataclasses import dataclass

import numpy as np

from ftcore.comparison.records import Training

DECISIVE_STEPS = 100
"""The numerical contract covers the first 100 steps: rounding grows, so later steps do not decide."""


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
    """How long, and how closely, two loss curves agree.

    Attributes:
        bound: the difference that the contract allows.
        steps: number of decisive steps compared.
        largest, largest_at: the largest relative difference among them, and its step.
        parted_at: the first decisive step beyond the bound or taken by one run only; None if there is none.
        through: the last step before `parted_at`.
        within: the largest relative difference up to `through`.
        later_steps: number of further steps, which do not decide.
        later_largest, later_largest_at: the largest relative difference among those, and its step.
        later_beyond: the first further step beyond the bound.
    """

    bound: float
    steps: int
    largest: float
    largest_at: int
    parted_at: int | None
    through: int
    within: float
    later_steps: int
    later_largest: float | None
    later_largest_at: int | None
    later_beyond: int | None


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
    """Check two loss curves against a bound over the decisive steps; the runs must have a step in common."""
    curve = curve_difference(first, second)
    decisive = curve.steps <= DECISIVE_STEPS
    steps, relative = curve.steps[decisive], curve.relative[decisive]
    later_steps, later = curve.steps[~decisive], curve.relative[~decisive]
    parted_at = _parted_at(steps, relative, bound, _one_sided(first, second))
    before = steps if parted_at is None else steps[steps < parted_at]
    peak = int(relative.argmax())
    later_peak = int(later.argmax()) if len(later) else None
    return Agreement(
        bound=bound,
        steps=len(steps),
        largest=float(relative[peak]),
        largest_at=int(steps[peak]),
        parted_at=parted_at,
        through=int(before[-1]) if len(before) else 0,
        within=float(relative[: len(before)].max(initial=0.0)),
        later_steps=len(later),
        later_largest=None if later_peak is None else float(later[later_peak]),
        later_largest_at=None if later_peak is None else int(later_steps[later_peak]),
        later_beyond=_first_beyond(later_steps, later, bound),
    )


def _one_sided(first: Training, second: Training) -> int | None:
    """Return the first decisive step that only one of the runs took."""
    lone = np.setxor1d(first.steps, second.steps)
    lone = lone[lone <= DECISIVE_STEPS]
    return int(lone[0]) if len(lone) else None


def _parted_at(steps: np.ndarray, relative: np.ndarray, bound: float, one_sided: int | None) -> int | None:
    found = [step for step in (_first_beyond(steps, relative, bound), one_sided) if step is not None]
    return min(found, default=None)


def _first_beyond(steps: np.ndarray, relative: np.ndarray, bound: float) -> int | None:
    beyond = steps[relative > bound]
    return int(beyond[0]) if len(beyond) else None

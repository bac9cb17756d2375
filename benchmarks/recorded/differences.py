"""Measures the differences of two recorded runs: 0 means equal to the last bit, infinite not comparable."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from reading import arrays, column, metrics, predictions, weights


def of_steps(name: str) -> Callable[[Path, Path], float]:
    """Return a function that measures the largest relative difference of a number of the training steps."""

    def measure(one: Path, other: Path) -> float:
        return relative(column(one, name), column(other, name))

    return measure


def relative(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference of two arrays of one shape, relative to each number of the first."""
    if one.shape != other.shape:
        return math.inf
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.where(same, 0.0, np.abs(one - other) / np.abs(one))
    return _known(float(apart.max(initial=0.0)))


def scaled(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference of two arrays, relative to the largest number of the first."""
    if (one.dtype, one.shape) != (other.dtype, other.shape):
        return math.inf
    if one.tobytes() == other.tobytes():
        return 0.0
    wide = one.astype(np.float64)
    return _known(float(np.abs(wide - other).max() / (np.abs(wide).max() or 1.0))) or 5e-324


def of_arrays(read: Callable[[Path], Mapping[str, np.ndarray]]) -> Callable[[Path, Path], float]:
    """Return a function that measures the largest difference of named arrays."""

    def measure(one: Path, other: Path) -> float:
        left, right = read(one), read(other)
        if left.keys() != right.keys():
            return math.inf
        return max((scaled(left[name], right[name]) for name in left), default=0.0)

    return measure


def of_values(read: Callable[[Path], Any]) -> Callable[[Path, Path], float]:
    """Return a function that measures the largest difference of numbers in lists and mappings; texts must be equal."""

    def measure(one: Path, other: Path) -> float:
        return apart(read(one), read(other))

    return measure


def apart(one: Any, other: Any) -> float:
    """Return the largest difference of two values, relative if a number is above 1."""
    if one == other:
        return 0.0
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return max(apart(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return max(apart(left, right) for left, right in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        both_nan = math.isnan(one) and math.isnan(other)
        return 0.0 if both_nan else _known(abs(one - other) / max(1.0, abs(one)))
    return math.inf


def inputs_differ(one: Path, other: Path) -> bool:
    """Return whether two recordings have different rows, checkpoints or modules."""
    found = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (one / "inputs", other / "inputs")
    ]
    return found[0] != found[1]


def _known(size: float) -> float:
    return math.inf if math.isnan(size) else size


QUANTITIES: dict[str, tuple[Callable[[Path, Path], float], bool]] = {
    "losses": (of_steps("loss"), True),
    "gradient norms": (of_steps("grad_norm"), True),
    "weights": (of_arrays(weights), True),
    "metrics": (of_values(metrics), False),
    "predictions": (of_values(predictions), False),
    "features": (of_arrays(arrays), False),
}
"""The compared quantities: their measure, and whether they must be equal to the last bit."""

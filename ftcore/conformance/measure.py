"""The measurement of a rung, and the errors that rungs use."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import SupportsFloat

import numpy as np


@dataclass(frozen=True)
class Measured:
    """A measured error with its bound.

    Attributes:
        case: the measurement in words.
        error: error as defined by the rung; infinite if there is nothing to compare.
        bound: the largest error that passes.
        family, quantity: the measured family and quantity, if it was a family.
    """

    case: str
    error: float
    bound: float
    family: str = ""
    quantity: str = ""


def relative(found: np.ndarray | SupportsFloat | None, wanted: np.ndarray | SupportsFloat) -> float:
    """Return ||found - wanted|| / ||wanted|| in float64, both of any shape.

    It is infinite if shapes differ or a value is not finite.
    """
    if found is None:
        return math.inf
    left, right = np.asarray(found, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    if left.shape != right.shape or not np.isfinite(left).all():
        return math.inf
    difference, size = float(np.linalg.norm(left - right)), float(np.linalg.norm(right))
    return difference / size if size else (math.inf if difference else 0.0)


def absolute(found: np.ndarray, wanted: np.ndarray) -> float:
    """Return ||found - wanted|| in float64, both of any shape.

    It is infinite where shapes differ or a value is not finite.
    """
    left, right = np.asarray(found, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    if left.shape != right.shape or not np.isfinite(left).all():
        return math.inf
    return float(np.linalg.norm(left - right))


def worst(found: Mapping[str, np.ndarray], wanted: Mapping[str, np.ndarray]) -> tuple[str, float]:
    """Return the name with the largest relative error, and that error; a missing or unexpected name is infinite.

    Args:
        found: arrays of any shapes by name.
        wanted: arrays of any shapes by name.
    """
    strange = sorted(set(found) ^ set(wanted))
    if strange:
        return f"{strange[0]} missing or unexpected", math.inf
    return max(((name, relative(found[name], wanted[name])) for name in wanted), key=lambda pair: pair[1])


def different_bits(found: Mapping[str, np.ndarray], wanted: Mapping[str, np.ndarray]) -> int:
    """Return how many arrays are missing, unexpected, or differ in type, shape or any bit.

    Args:
        found: arrays of any shapes by name.
        wanted: arrays of any shapes by name.
    """
    return len(set(found) ^ set(wanted)) + count(
        found[name].dtype != wanted[name].dtype
        or found[name].shape != wanted[name].shape
        or found[name].tobytes() != wanted[name].tobytes()
        for name in set(found) & set(wanted)
    )


def count(faults: Iterable[bool]) -> int:
    """Return the number of true values."""
    return sum(bool(fault) for fault in faults)

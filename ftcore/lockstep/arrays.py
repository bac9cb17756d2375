"""Compares arrays by name for equality."""

from collections.abc import Mapping

import numpy as np


def different(wanted: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray]) -> list[str]:
    """Return the names of arrays that are missing, unexpected, or not equal.

    Args:
        wanted: arrays of any shapes by name.
        found: arrays of any shapes by name.
    """
    common = [name for name in wanted if name in found]
    return [*sorted(set(wanted) ^ set(found)), *(name for name in common if not same(wanted[name], found[name]))]


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two arrays have the same shape and equal values.

    Args:
        one: an array of any shape.
        other: an array of any shape.
    """
    return one.shape == other.shape and bool(np.array_equal(one, other))

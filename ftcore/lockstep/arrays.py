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
    return [
        *sorted(set(wanted) ^ set(found)),
        *(name for name in common if not np.array_equal(wanted[name], found[name])),
    ]

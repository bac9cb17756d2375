"""Labels in an array, as a loss reads them."""

from typing import Any

import numpy as np

from ftcore.contract.losses import BinaryCrossEntropy, CrossEntropy
from ftcore.errors import DataError


def targets_of(labels: Any, loss: str) -> np.ndarray:
    """Return int32 [examples] for cross-entropy, else float32 [examples, outputs].

    Args:
        labels: [examples], or [examples, outputs].
        loss: its name.

    Raises:
        DataError: the loss cannot read them.
    """
    array = np.asarray(labels)
    if loss == CrossEntropy.name:
        if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer) or (len(array) and array.min() < 0):
            raise DataError(
                f"labels: {loss} reads integers from 0, of shape [examples], not {array.dtype} {list(array.shape)}"
            )
        return array.astype(np.int32)
    if array.ndim not in (1, 2) or not (np.issubdtype(array.dtype, np.number) or array.dtype == bool):
        raise DataError(f"labels: {loss} reads numbers of shape [examples] or [examples, outputs], not {array.dtype}")
    if not np.isfinite(array.astype(np.float64)).all():
        raise DataError("labels: there are numbers that are not finite")
    numbers = array.astype(np.float32)
    if loss == BinaryCrossEntropy.name and ((numbers < 0) | (numbers > 1)).any():
        raise DataError(f"labels: {loss} reads 0 and 1, or what is between, and there are other numbers")
    return numbers[:, None] if numbers.ndim == 1 else numbers


def outputs_of(targets: np.ndarray) -> int:
    """Return how many outputs a network of these targets has."""
    return int(targets.max()) + 1 if targets.ndim == 1 else targets.shape[1]


def numbers_as_labels(count: int) -> list[str]:
    """Return the names of outputs that have none: "0", "1", ..."""
    return [str(number) for number in range(count)]

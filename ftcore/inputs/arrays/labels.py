"""Converts labels in an array to the form that a loss reads."""

from typing import Any

import numpy as np

from ftcore.contract.losses import LOSSES
from ftcore.errors import DataError


def targets_of(labels: Any, loss: str) -> np.ndarray:
    """Return int32 [examples] if the loss reads classes, else float32 [examples, outputs].

    Args:
        labels: [examples], or [examples, outputs].
        loss: the loss's name.

    Raises:
        DataError: the loss cannot read the labels.
    """
    array, kind = np.asarray(labels), LOSSES[loss].labels
    if kind == "classes":
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
    if kind == "probabilities" and ((numbers < 0) | (numbers > 1)).any():
        raise DataError(f"labels: {loss} reads numbers from 0 to 1, but there are others")
    return numbers[:, None] if numbers.ndim == 1 else numbers


def outputs_of(targets: np.ndarray) -> int:
    """Return the number of outputs of a network for these targets, int32 [examples] or float32 [examples, outputs]."""
    return int(targets.max()) + 1 if targets.ndim == 1 else targets.shape[1]


def numbers_as_labels(count: int) -> list[str]:
    """Return numbers as the names of unnamed outputs: "0", "1", ..."""
    return [str(number) for number in range(count)]

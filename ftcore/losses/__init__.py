"""The losses, by the name that a spec gives."""

from ftcore.losses.base import Loss, LossValue
from ftcore.losses.binary_cross_entropy import BinaryCrossEntropy
from ftcore.losses.cross_entropy import CrossEntropy
from ftcore.losses.regression import Huber, MeanAbsoluteError, MeanSquaredError

LOSSES: dict[str, type[Loss]] = {
    loss.name: loss for loss in (CrossEntropy, BinaryCrossEntropy, MeanSquaredError, MeanAbsoluteError, Huber)
}

__all__ = [
    "LOSSES",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Huber",
    "Loss",
    "LossValue",
    "MeanAbsoluteError",
    "MeanSquaredError",
]

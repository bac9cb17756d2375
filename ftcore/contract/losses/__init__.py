"""The losses, by the name that a spec gives."""

from ftcore.contract.losses.base import Loss, LossValue, PerOutput
from ftcore.contract.losses.binary_cross_entropy import BinaryCrossEntropy
from ftcore.contract.losses.cross_entropy import CrossEntropy
from ftcore.contract.losses.regression import Huber, MeanAbsoluteError, MeanSquaredError
from ftcore.contract.losses.vectors import OF_VECTORS, OFFSET, CosineSimilarity, MultipleNegativesRanking, Triplet

LOSSES: dict[str, type[Loss]] = {
    loss.name: loss
    for loss in (
        *(CrossEntropy, BinaryCrossEntropy, MeanSquaredError, MeanAbsoluteError, Huber),
        *(MultipleNegativesRanking, CosineSimilarity, Triplet),
    )
}

__all__ = [
    "LOSSES",
    "OFFSET",
    "OF_VECTORS",
    "BinaryCrossEntropy",
    "CosineSimilarity",
    "CrossEntropy",
    "Huber",
    "Loss",
    "LossValue",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "MultipleNegativesRanking",
    "PerOutput",
    "Triplet",
]

"""Lists the losses by their names in a spec."""

from ftcore.contract.losses.answer_span import AnswerSpan
from ftcore.contract.losses.base import LabelKind, Loss, LossValue, PerOutput, labels_shape
from ftcore.contract.losses.binary_cross_entropy import BinaryCrossEntropy
from ftcore.contract.losses.cross_entropy import CrossEntropy
from ftcore.contract.losses.regression import Huber, MeanAbsoluteError, MeanSquaredError
from ftcore.contract.losses.vectors import OFFSET, CosineSimilarity, MultipleNegativesRanking, Triplet

LOSSES: dict[str, type[Loss]] = {
    loss.name: loss
    for loss in (
        *(CrossEntropy, BinaryCrossEntropy, MeanSquaredError, MeanAbsoluteError, Huber),
        *(MultipleNegativesRanking, CosineSimilarity, Triplet),
        AnswerSpan,
    )
}

__all__ = [
    "LOSSES",
    "OFFSET",
    "AnswerSpan",
    "BinaryCrossEntropy",
    "CosineSimilarity",
    "CrossEntropy",
    "Huber",
    "LabelKind",
    "Loss",
    "LossValue",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "MultipleNegativesRanking",
    "PerOutput",
    "Triplet",
    "labels_shape",
]

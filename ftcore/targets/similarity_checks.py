"""Checks that a loss of vectors can read a dataset."""

import numpy as np

from ftcore.contract.losses import CosineSimilarity, Loss, MultipleNegativesRanking, Triplet
from ftcore.data import PAIR, SCORE, TRIPLET, CountedDataset
from ftcore.errors import DataError
from ftcore.inputs.tokens import TokenDataset


def check_split(where: str, split: CountedDataset, loss: Loss) -> None:
    """Check that a loss can read a dataset.

    Args:
        where: the dataset's name in errors.
        split: the examples.
        loss: a loss of vectors.

    Raises:
        DataError: the loss cannot read the dataset.
    """
    texts = split.sequences if isinstance(split, TokenDataset) else 0
    if isinstance(loss, Triplet) and texts != len(TRIPLET):
        raise DataError(f"{where}: loss {loss.name} needs the columns {', '.join(TRIPLET)}, but has pairs")
    scores = split.targets
    if texts == len(TRIPLET) and scores.shape[1]:
        raise DataError(f"{where}: has anchor, positive, negative and {SCORE}, but only pairs can have a {SCORE}")
    if isinstance(loss, CosineSimilarity):
        _check_scores(where, scores, loss)


def _check_scores(where: str, scores: np.ndarray, loss: CosineSimilarity) -> None:
    if not scores.shape[1]:
        raise DataError(
            f"{where}: loss {loss.name} needs pairs with the column {SCORE}: set data.columns.{SCORE}, or set loss: "
            f"{MultipleNegativesRanking.name} for {' and '.join(PAIR)} that belong together"
        )
    lowest, highest = float(scores.min()), float(scores.max())
    if np.abs(loss.cosines(scores)).max() > 1.0:
        raise DataError(
            f"{where}: scores from {lowest:g} to {highest:g} are outside the range of cosines, -1 to 1: give the "
            f"scores for cosines 0 and 1, such as loss: {{name: {loss.name}, score_at_zero: {lowest:g}, "
            f"score_at_one: {highest:g}}}"
        )

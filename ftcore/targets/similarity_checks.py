"""Whether a loss of vectors can read a data set."""

import numpy as np

from ftcore.contract.losses import CosineSimilarity, Loss, MultipleNegativesRanking, Triplet
from ftcore.data import PAIR, SCORE, TRIPLET, CountedDataset
from ftcore.errors import DataError
from ftcore.inputs.tokens import TokenDataset


def check_split(where: str, split: CountedDataset, loss: Loss) -> None:
    """Check that a loss can read a data set.

    Args:
        where: what the data set is called in errors.
        split: the examples.
        loss: of vectors.

    Raises:
        DataError: it cannot.
    """
    texts = split.sequences if isinstance(split, TokenDataset) else 0
    if isinstance(loss, Triplet) and texts != len(TRIPLET):
        raise DataError(f"{where}: loss {loss.name} needs the columns {', '.join(TRIPLET)}, and this is of pairs")
    scores = split.targets
    if texts == len(TRIPLET) and scores.shape[1]:
        raise DataError(f"{where}: has anchor, positive and negative, and a {SCORE}, which only pairs can have")
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
            f"{where}: scores go from {lowest:g} to {highest:g}, which as cosines are outside of -1 to 1: say which "
            f"stand for 0 and 1, such as loss: {{name: {loss.name}, score_at_zero: {lowest:g}, "
            f"score_at_one: {highest:g}}}"
        )

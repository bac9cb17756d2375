"""Cases of the losses of vectors: the logits are those of an example's texts, one after another."""

from collections.abc import Callable

import numpy as np

from ftcore.conformance.loss_cases.base import LossCase
from ftcore.contract.losses import CosineSimilarity, MultipleNegativesRanking, Triplet


def _scores(vectors: int) -> Callable[[np.random.Generator, np.ndarray], np.ndarray]:
    """Return what draws a score for each example of so many vectors, float32 [examples, 1]."""
    return lambda draws, logits: draws.random((len(logits) // vectors, 1)).astype(np.float32)


CASES = (
    LossCase("multiple negatives ranking of pairs", MultipleNegativesRanking(), _scores(2)),
    LossCase(
        "multiple negatives ranking of triplets, scale 5, example weights",
        MultipleNegativesRanking(scale=5.0),
        _scores(3),
        weighted=True,
    ),
    LossCase("cosine similarity", CosineSimilarity(), _scores(2)),
    LossCase(
        "cosine similarity, scores of -1 to 3, example weights",
        CosineSimilarity(score_at_zero=-1.0, score_at_one=3.0),
        _scores(2),
        weighted=True,
    ),
    LossCase("triplet", Triplet(), _scores(3)),
    LossCase("triplet, cosine, margin 0.5, example weights", Triplet(0.5, "cosine"), _scores(3), weighted=True),
)

"""Evaluates language models by the likelihood of a split's tokens."""

import math

from ftcore.contract import Learner, Want
from ftcore.contract.losses import Loss
from ftcore.data import EVALUATION_TOKENS, Dataset, evaluation_batches
from ftcore.evaluation.finite import finite_outputs
from ftcore.evaluation.logits import mean_loss
from ftcore.observer import RowsDone, nobody

MOST_LOGITS = 2**25
"""Maximum number of logit values per evaluation batch, exceeded only by a single larger example."""


def evaluate_likelihood(
    learner: Learner, dataset: Dataset, loss: Loss, perplexity: str, vocabulary: int, progress: RowsDone = nobody
) -> dict[str, float]:
    """Return a split's loss, perplexity and accuracy, averaged over learned tokens.

    Perplexity is exp of the mean negative log-probability, without label smoothing; it is absent if that is too large.

    Args:
        learner: the network.
        dataset: the split.
        loss: the loss's definition.
        perplexity: the name of that metric.
        vocabulary: the number of tokens for which the network has logits.
        progress: called with the number of examples done, batch by batch.

    Raises:
        NotFiniteError: an output is not finite.
        DataError: no token counts in the loss.
    """
    total, weight, log_probability, hits, tokens = 0.0, 0.0, 0.0, 0.0, 0.0
    want = Want(logits=False, loss=True, likelihood=True)
    for batch in evaluation_batches(dataset, min(EVALUATION_TOKENS, max(MOST_LOGITS // vocabulary, 1))):
        outputs = finite_outputs(learner, batch, want)
        if outputs.likelihood is None:
            raise TypeError("the backend did not return the requested likelihood")
        total += outputs.loss or 0.0
        weight += loss.weight(batch)
        log_probability += float(outputs.likelihood.log_probability.sum(dtype="float64"))
        hits += float(outputs.likelihood.hits.sum(dtype="float64"))
        tokens += float(outputs.likelihood.tokens.sum(dtype="float64"))
        progress(batch.examples)
    return {
        "loss": mean_loss(total, weight),
        **_exponential(perplexity, -log_probability / (tokens or 1.0)),
        "token_accuracy": hits / (tokens or 1.0),
    }


def _exponential(name: str, value: float) -> dict[str, float]:
    try:
        return {name: math.exp(value)}
    except OverflowError:
        return {}

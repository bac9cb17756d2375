"""Evaluation of language models: how probable the tokens of a whole split are."""

import math

from ftcore.contract import Learner, Want
from ftcore.contract.losses import Loss
from ftcore.data import EVALUATION_TOKENS, Dataset, evaluation_batches
from ftcore.observer import RowsDone, nobody

MOST_LOGITS = 2**25
"""Numbers in the logits of an evaluation batch, unless one example alone has more."""


def evaluate_likelihood(
    learner: Learner, dataset: Dataset, loss: Loss, perplexity: str, vocabulary: int, progress: RowsDone = nobody
) -> dict[str, float]:
    """Return a split's loss, perplexity and accuracy, means over learned tokens.

    Perplexity is exp of the mean negative log probability, whatever the loss smooths.

    Args:
        learner: the network.
        dataset: the split.
        loss: the loss's definition.
        perplexity: what that metric is called.
        vocabulary: number of tokens that the network has logits for.
        progress: told how many examples more are done, batch by batch.
    """
    total, weight, log_probability, hits, tokens = 0.0, 0.0, 0.0, 0.0, 0.0
    want = Want(logits=False, loss=True, likelihood=True)
    for batch in evaluation_batches(dataset, min(EVALUATION_TOKENS, max(MOST_LOGITS // vocabulary, 1))):
        outputs = learner.forward(batch, want)
        if outputs.likelihood is None:
            raise TypeError("the backend did not give the likelihood that was asked for")
        total += outputs.loss or 0.0
        weight += loss.weight(batch)
        log_probability += float(outputs.likelihood.log_probability.sum(dtype="float64"))
        hits += float(outputs.likelihood.hits.sum(dtype="float64"))
        tokens += float(outputs.likelihood.tokens.sum(dtype="float64"))
        progress(batch.examples)
    return {
        "loss": total / (weight or 1.0),
        perplexity: _exponential(-log_probability / (tokens or 1.0)),
        "token_accuracy": hits / (tokens or 1.0),
    }


def _exponential(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf

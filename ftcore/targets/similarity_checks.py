"""What training vectors asks of a run: data that the loss can read, whole batches, and a metric that the data has."""

from dataclasses import replace

import numpy as np

from ftcore.contract.losses import CosineSimilarity, Loss, MultipleNegativesRanking, Triplet
from ftcore.data.dataset import CountedDataset
from ftcore.data.forms import PAIR, SCORE, TRIPLET
from ftcore.data.prepare import PreparedData
from ftcore.errors import DataError, SpecError
from ftcore.inputs.tokens.store import TokenDataset
from ftcore.loop.plan import TrainingPlan
from ftcore.spec.training import TrainingSpec
from ftcore.targets.similarity import SentenceEmbedding, measured


def check_data(data: PreparedData, loss: Loss) -> None:
    """Check that the loss can read every split.

    Raises:
        DataError: it cannot; names the split, and what to do.
    """
    for name, split in data.splits.items():
        check_split(f"data.{name}", split, loss)
    if not isinstance(loss, CosineSimilarity) and data.train.targets.shape[1]:
        raise DataError(
            f"data.train: has scores, and loss {loss.name} takes every row as texts that belong together: keep those "
            f"rows in a file without the column, or set loss: {CosineSimilarity.name}"
        )


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


def vector_plan(plan: TrainingPlan, training: TrainingSpec, data: PreparedData, loss: Loss) -> TrainingPlan:
    """Return a plan with steps that are not split where the loss couples examples, and the metric that the data has.

    Raises:
        SpecError: training.best.metric is one that the data does not have.
    """
    judged = data.train if data.validation is None else data.validation
    found = measured(judged.targets)
    metric = training.best.metric or found[0]
    if metric not in ("loss", *found):
        reason = "no scores" if metric not in measured(np.zeros((1, 0))) else "scores, which say more"
        raise SpecError(f"training.best.metric: given {metric}, and the data has {reason}; allowed: {', '.join(found)}")
    whole = "padded" if loss.couples_examples and plan.batching == "sorted" else plan.batching
    mode = training.best.mode or SentenceEmbedding.modes[metric]
    return replace(plan, batching=whole, best_metric=metric, best_mode=mode)

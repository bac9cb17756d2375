"""Evaluates a split with a network: loss, metrics, logits and likelihoods."""

from ftcore.evaluation.evaluated import Evaluated, Judged
from ftcore.evaluation.finite import finite_outputs, row_of, where_not_finite
from ftcore.evaluation.likelihood import evaluate_likelihood
from ftcore.evaluation.logits import (
    NOTHING_COUNTS,
    Metrics,
    evaluate,
    in_order,
    logits_of,
    loss_and_logits,
    targets_of,
    weights_of,
)

__all__ = [
    "NOTHING_COUNTS",
    "Evaluated",
    "Judged",
    "Metrics",
    "evaluate",
    "evaluate_likelihood",
    "finite_outputs",
    "in_order",
    "logits_of",
    "loss_and_logits",
    "row_of",
    "targets_of",
    "weights_of",
    "where_not_finite",
]

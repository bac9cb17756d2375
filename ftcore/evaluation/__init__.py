"""Evaluates a split with a network: loss, metrics, logits and likelihoods."""

from ftcore.evaluation.likelihood import evaluate_likelihood
from ftcore.evaluation.logits import Metrics, evaluate, in_order, logits_of

__all__ = ["Metrics", "evaluate", "evaluate_likelihood", "in_order", "logits_of"]

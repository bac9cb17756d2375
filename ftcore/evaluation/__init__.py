"""A split through the network: logits, likelihoods and the loss."""

from ftcore.evaluation.likelihood import evaluate_likelihood
from ftcore.evaluation.logits import Metrics, evaluate, in_order, logits_of

__all__ = ["Metrics", "evaluate", "evaluate_likelihood", "in_order", "logits_of"]

"""Each loss of ftcore.contract.losses as a sum of weighted losses over a batch."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ftcore.contract import Likelihood
from ftcore.contract.losses import (
    OFFSET,
    AnswerSpan,
    BinaryCrossEntropy,
    CosineSimilarity,
    CrossEntropy,
    Huber,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    MultipleNegativesRanking,
    Triplet,
)
from ftcore.contract.network import SHORTEST

LossFunction = Callable[[Any, Tensor, Mapping[str, Tensor], Tensor], Tensor]


def weighted_sum(loss: Loss, logits: Tensor, targets: Mapping[str, Tensor], weights: Tensor) -> Tensor:
    """Return the sum of weighted losses, a scalar.

    Args:
        loss: the definition.
        logits: float [examples, outputs], or for cross-entropy [..., outputs]; vectors [sequences, hidden].
        targets: `labels`: int [...] or float [examples, outputs], as the loss's `reference` reads them.
        weights: float [...].
    """
    return LOSS_FUNCTIONS[loss.name](loss, logits, targets, weights.to(logits.dtype))


def _cross_entropy(loss: CrossEntropy, logits: Tensor, targets: Mapping[str, Tensor], weights: Tensor) -> Tensor:
    class_weights = None if loss.class_weights is None else logits.new_tensor(loss.class_weights)
    losses = functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]),
        targets["labels"].long().reshape(-1),
        class_weights,
        reduction="none",
        label_smoothing=loss.label_smoothing,
    )
    return (losses * weights.reshape(-1)).sum()


def _binary_cross_entropy(
    loss: BinaryCrossEntropy, logits: Tensor, targets: Mapping[str, Tensor], weights: Tensor
) -> Tensor:
    positive = None if loss.positive_weights is None else logits.new_tensor(loss.positive_weights)
    losses = functional.binary_cross_entropy_with_logits(
        logits, targets["labels"].to(logits.dtype), pos_weight=positive, reduction="none"
    )
    return (losses.sum(dim=1) * weights).sum()


def _mean_squared_error(
    loss: MeanSquaredError, logits: Tensor, targets: Mapping[str, Tensor], weights: Tensor
) -> Tensor:
    return ((logits - targets["labels"].to(logits.dtype)).square().sum(dim=1) * weights).sum()


def _mean_absolute_error(
    loss: MeanAbsoluteError, logits: Tensor, targets: Mapping[str, Tensor], weights: Tensor
) -> Tensor:
    return ((logits - targets["labels"].to(logits.dtype)).abs().sum(dim=1) * weights).sum()


def _huber(loss: Huber, logits: Tensor, targets: Mapping[str, Tensor], weights: Tensor) -> Tensor:
    losses = functional.huber_loss(logits, targets["labels"].to(logits.dtype), reduction="none", delta=loss.delta)
    return (losses.sum(dim=1) * weights).sum()


def _multiple_negatives_ranking(
    loss: MultipleNegativesRanking, logits: Tensor, targets: Mapping[str, Tensor], weights: Tensor
) -> Tensor:
    units = _units(logits, weights)
    candidates = units[:, 1:].transpose(0, 1).flatten(0, 1)
    scores = loss.scale * units[:, 0] @ candidates.T
    own = torch.arange(len(weights), device=scores.device)
    return (functional.cross_entropy(scores, own, reduction="none") * weights).sum()


def _cosine_similarity(
    loss: CosineSimilarity, logits: Tensor, targets: Mapping[str, Tensor], weights: Tensor
) -> Tensor:
    units = _units(logits, weights)
    wanted = (targets["labels"][:, 0].to(logits.dtype) - loss.score_at_zero) / (loss.score_at_one - loss.score_at_zero)
    return (((units[:, 0] * units[:, 1]).sum(dim=-1) - wanted).square() * weights).sum()


def _triplet(loss: Triplet, logits: Tensor, targets: Mapping[str, Tensor], weights: Tensor) -> Tensor:
    if loss.distance == "euclidean":
        vectors = _by_example(logits, weights)
        distances = (vectors[:, :1] - vectors[:, 1:] + OFFSET).norm(dim=-1)
    else:
        units = _units(logits, weights)
        distances = 1.0 - (units[:, :1] * units[:, 1:]).sum(dim=-1)
    return (functional.relu(distances[:, 0] - distances[:, 1] + loss.margin) * weights).sum()


def _answer_span(loss: AnswerSpan, logits: Tensor, targets: Mapping[str, Tensor], weights: Tensor) -> Tensor:
    labels = targets["labels"].long()
    answers, places = labels[:, :2], labels[:, 2:]
    of_tokens = logits.reshape(-1, 2)[places.clamp(min=0)].masked_fill((places < 0)[..., None], -torch.inf)
    return (functional.cross_entropy(of_tokens, answers, reduction="none").mean(dim=1) * weights).sum()


def _by_example(vectors: Tensor, weights: Tensor) -> Tensor:
    """Return [examples, sequences an example, hidden] of vectors [sequences, hidden]."""
    return vectors.reshape(len(weights), -1, vectors.shape[-1])


def _units(vectors: Tensor, weights: Tensor) -> Tensor:
    """Return the same at length 1."""
    return functional.normalize(_by_example(vectors, weights), dim=-1, eps=SHORTEST)


LOSS_FUNCTIONS: dict[str, LossFunction] = {
    CrossEntropy.name: _cross_entropy,
    BinaryCrossEntropy.name: _binary_cross_entropy,
    MeanSquaredError.name: _mean_squared_error,
    MeanAbsoluteError.name: _mean_absolute_error,
    Huber.name: _huber,
    MultipleNegativesRanking.name: _multiple_negatives_ranking,
    CosineSimilarity.name: _cosine_similarity,
    Triplet.name: _triplet,
    AnswerSpan.name: _answer_span,
}


def label_likelihood(logits: Tensor, targets: Mapping[str, Tensor], weights: Tensor) -> Likelihood:
    """Return how probable the labels are.

    Args:
        logits: float [rows, length, outputs].
        targets: `labels`: int [rows, length].
        weights: float [rows, length].
    """
    labels, of_dtype = targets["labels"].long(), weights.to(logits.dtype)
    losses = functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
    hits = (logits.argmax(dim=-1) == labels) * of_dtype
    return Likelihood(-float((losses * of_dtype.flatten()).sum()), float(hits.sum()))


def check_labels(labels: Tensor, logits: Tensor, loss: Loss) -> None:
    """Raise ValueError where labels and logits do not have the shapes that the loss reads."""
    expected = loss.labels_shape(tuple(logits.shape))
    if expected is not None and tuple(labels.shape) != expected:
        raise ValueError(
            f"loss {loss.name} reads labels of shape {list(expected)} for outputs of shape {list(logits.shape)}, "
            f"not {list(labels.shape)}"
        )

"""Computes each loss of ftcore.contract.losses as a sum of weighted losses over a batch."""

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
    labels_shape,
)
from ftcore.contract.network import SHORTEST
from ftcore.errors import BackendError
from ftcore_torch.activations import Activations
from ftcore_torch.examples import Examples

LossFunction = Callable[[Any, Activations, Examples], Tensor]


def weighted_sum(loss: Loss, outputs: Activations, examples: Examples) -> Tensor:
    """Return the sum of weighted losses, a scalar, from a network's outputs and a batch."""
    return LOSS_FUNCTIONS[loss.name](loss, outputs, examples)


def _labelled(outputs: Activations, examples: Examples) -> tuple[Tensor, Mapping[str, Tensor], Tensor]:
    """Return the logits, the targets, and the weights in the logits' type."""
    if outputs.logits is None:
        raise BackendError("a network without a classifier has no loss")
    return outputs.logits, examples.targets, examples.weights.to(outputs.logits.dtype)


def _cross_entropy(loss: CrossEntropy, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    class_weights = None if loss.class_weights is None else logits.new_tensor(loss.class_weights)
    losses = functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]),
        targets["labels"].long().reshape(-1),
        class_weights,
        reduction="none",
        label_smoothing=loss.label_smoothing,
    )
    return (losses * weights.reshape(-1)).sum()


def _binary_cross_entropy(loss: BinaryCrossEntropy, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    positive = None if loss.positive_weights is None else logits.new_tensor(loss.positive_weights)
    losses = functional.binary_cross_entropy_with_logits(
        logits, targets["labels"].to(logits.dtype), pos_weight=positive, reduction="none"
    )
    return (losses.sum(dim=1) * weights).sum()


def _mean_squared_error(loss: MeanSquaredError, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    return ((logits - targets["labels"].to(logits.dtype)).square().sum(dim=1) * weights).sum()


def _mean_absolute_error(loss: MeanAbsoluteError, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    return ((logits - targets["labels"].to(logits.dtype)).abs().sum(dim=1) * weights).sum()


def _huber(loss: Huber, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    losses = functional.huber_loss(logits, targets["labels"].to(logits.dtype), reduction="none", delta=loss.delta)
    return (losses.sum(dim=1) * weights).sum()


def _multiple_negatives_ranking(loss: MultipleNegativesRanking, outputs: Activations, examples: Examples) -> Tensor:
    logits, _, weights = _labelled(outputs, examples)
    units = _units(logits, weights)
    candidates = units[:, 1:].transpose(0, 1).flatten(0, 1)
    scores = loss.scale * units[:, 0] @ candidates.T
    own = torch.arange(len(weights), device=scores.device)
    return (functional.cross_entropy(scores, own, reduction="none") * weights).sum()


def _cosine_similarity(loss: CosineSimilarity, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    units = _units(logits, weights)
    wanted = (targets["labels"][:, 0].to(logits.dtype) - loss.score_at_zero) / (loss.score_at_one - loss.score_at_zero)
    return (((units[:, 0] * units[:, 1]).sum(dim=-1) - wanted).square() * weights).sum()


def _triplet(loss: Triplet, outputs: Activations, examples: Examples) -> Tensor:
    logits, _, weights = _labelled(outputs, examples)
    if loss.distance == "euclidean":
        vectors = _by_example(logits, weights)
        distances = (vectors[:, :1] - vectors[:, 1:] + OFFSET).norm(dim=-1)
    else:
        units = _units(logits, weights)
        distances = 1.0 - (units[:, :1] * units[:, 1:]).sum(dim=-1)
    return (functional.relu(distances[:, 0] - distances[:, 1] + loss.margin) * weights).sum()


def _answer_span(loss: AnswerSpan, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    labels = targets["labels"].long()
    answers, places = labels[:, :2], labels[:, 2:]
    of_tokens = logits.reshape(-1, 2)[places.clamp(min=0)].masked_fill((places < 0)[..., None], -torch.inf)
    return (functional.cross_entropy(of_tokens, answers, reduction="none").mean(dim=1) * weights).sum()


def _by_example(vectors: Tensor, weights: Tensor) -> Tensor:
    """Return vectors [sequences, hidden] as [examples, sequences per example, hidden]."""
    return vectors.reshape(len(weights), -1, vectors.shape[-1])


def _units(vectors: Tensor, weights: Tensor) -> Tensor:
    """Return the same as unit vectors."""
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


def label_likelihood(outputs: Activations, examples: Examples) -> Likelihood:
    """Return the likelihood of each sequence's labels; logits [rows, length, outputs], labels int [rows, length]."""
    logits, targets, weights = _labelled(outputs, examples)
    labels = targets["labels"].long()
    losses = functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none").view_as(weights)
    hits = logits.argmax(dim=-1) == labels
    of_sequences = (_by_sequence(values, examples.inputs) for values in (-losses * weights, hits * weights, weights))
    return Likelihood(*(values.cpu().numpy() for values in of_sequences))


def _by_sequence(values: Tensor, inputs: Mapping[str, Tensor]) -> Tensor:
    """Return the sum over each sequence, [sequences], of values [rows, length]; an unpacked row is one sequence."""
    if "segment_ids" not in inputs:
        return values.sum(dim=1)
    # Padding is a separate segment, after the others.
    sums = values.new_zeros(len(inputs["starts"]) + 1)
    return sums.index_add(0, inputs["segment_ids"].flatten(), values.flatten())[:-1]


def check_labels(labels: Tensor, logits: Tensor, loss: Loss) -> None:
    """Raise ValueError if labels and logits do not have the shapes that the loss needs."""
    expected = labels_shape(loss.labels, tuple(logits.shape))
    if expected is not None and tuple(labels.shape) != expected:
        raise ValueError(
            f"loss {loss.name} reads labels of shape {list(expected)} for outputs of shape {list(logits.shape)}, "
            f"not {list(labels.shape)}"
        )

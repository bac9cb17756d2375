"""Computes each loss of ftcore.contract.losses as a sum of weighted losses over a batch."""

from collections.abc import Callable, Mapping
from typing import Any

from keras import ops

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
from ftcore.errors import BackendError, DataError
from ftcore_keras.examples import Examples
from ftcore_keras.layers.activations import Activations
from ftcore_keras.layers.functions import Tensor, normalized

LossFunction = Callable[[Any, Activations, Examples], Tensor]


def weighted_sum(loss: Loss, outputs: Activations, examples: Examples) -> Tensor:
    """Return the sum of weighted losses, a scalar, from a network's outputs and a batch."""
    return LOSS_FUNCTIONS[loss.name](loss, outputs, examples)


def _labelled(outputs: Activations, examples: Examples) -> tuple[Tensor, Mapping[str, Tensor], Tensor]:
    """Return the logits, the targets, and the weights in the logits' type."""
    if outputs.logits is None:
        raise BackendError("a network without a classifier has no loss")
    return outputs.logits, examples.targets, ops.cast(examples.weights, outputs.logits.dtype)


def _cross_entropy(loss: CrossEntropy, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    if loss.label_smoothing == 0.0:
        return ops.sum(_of_one_class(loss, logits, targets["labels"]) * weights)
    if loss.class_weights is None:
        # For a vocabulary, an array of target probabilities would be as large as the logits.
        even = ops.logsumexp(logits, axis=-1) - ops.mean(logits, axis=-1)
        of_label = _of_one_class(loss, logits, targets["labels"])
        return ops.sum(((1.0 - loss.label_smoothing) * of_label + loss.label_smoothing * even) * weights)
    classes = logits.shape[-1]
    wanted = ops.cast(ops.equal(targets["labels"][..., None], ops.arange(classes, dtype="int32")), logits.dtype)
    wanted = wanted * (1.0 - loss.label_smoothing) + loss.label_smoothing / classes
    wanted = wanted * ops.convert_to_tensor(loss.class_weights, dtype=logits.dtype)
    return -ops.sum(ops.sum(wanted * ops.log_softmax(logits, axis=-1), axis=-1) * weights)


def _of_one_class(loss: CrossEntropy, logits: Tensor, labels: Tensor) -> Tensor:
    """Return each loss without smoothing; besides the logits, which are large, no array has all classes."""
    losses = ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    if loss.class_weights is None:
        return losses
    return losses * ops.take(ops.convert_to_tensor(loss.class_weights, dtype=logits.dtype), labels, axis=0)


def _binary_cross_entropy(loss: BinaryCrossEntropy, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    labels = ops.cast(targets["labels"], logits.dtype)
    positive = ops.softplus(-logits)
    if loss.positive_weights is not None:
        positive = positive * ops.convert_to_tensor(loss.positive_weights, dtype=logits.dtype)
    losses = labels * positive + (1.0 - labels) * ops.softplus(logits)
    return ops.sum(ops.sum(losses, axis=1) * weights)


def _mean_squared_error(loss: MeanSquaredError, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    return ops.sum(ops.sum(ops.square(_difference(logits, targets)), axis=1) * weights)


def _mean_absolute_error(loss: MeanAbsoluteError, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    return ops.sum(ops.sum(ops.abs(_difference(logits, targets)), axis=1) * weights)


def _huber(loss: Huber, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    difference = _difference(logits, targets)
    # With c = |d| limited to delta, both branches are c (|d| - c / 2).
    size = ops.abs(difference)
    limited = ops.minimum(size, loss.delta)
    return ops.sum(ops.sum(limited * (size - 0.5 * limited), axis=1) * weights)


def _difference(logits: Tensor, targets: Mapping[str, Tensor]) -> Tensor:
    return logits - ops.cast(targets["labels"], logits.dtype)


def _multiple_negatives_ranking(loss: MultipleNegativesRanking, outputs: Activations, examples: Examples) -> Tensor:
    logits, _, weights = _labelled(outputs, examples)
    units = _units(logits, weights)
    candidates = ops.reshape(ops.transpose(units[:, 1:], (1, 0, 2)), (-1, logits.shape[-1]))
    scores = loss.scale * ops.matmul(units[:, 0], ops.transpose(candidates))
    own = ops.arange(ops.shape(weights)[0], dtype="int32")
    losses = ops.sparse_categorical_crossentropy(own, scores, from_logits=True)
    return ops.sum(losses * weights)


def _cosine_similarity(loss: CosineSimilarity, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    units = _units(logits, weights)
    scores = ops.cast(targets["labels"], logits.dtype)[:, 0]
    wanted = (scores - loss.score_at_zero) / (loss.score_at_one - loss.score_at_zero)
    return ops.sum(ops.square(ops.sum(units[:, 0] * units[:, 1], axis=-1) - wanted) * weights)


def _triplet(loss: Triplet, outputs: Activations, examples: Examples) -> Tensor:
    logits, _, weights = _labelled(outputs, examples)
    if loss.distance == "euclidean":
        vectors = _by_example(logits, weights)
        distances = ops.sqrt(ops.sum(ops.square(vectors[:, :1] - vectors[:, 1:] + OFFSET), axis=-1))
    else:
        units = _units(logits, weights)
        distances = 1.0 - ops.sum(units[:, :1] * units[:, 1:], axis=-1)
    return ops.sum(ops.relu(distances[:, 0] - distances[:, 1] + loss.margin) * weights)


def _answer_span(loss: AnswerSpan, outputs: Activations, examples: Examples) -> Tensor:
    logits, targets, weights = _labelled(outputs, examples)
    answers, places = targets["labels"][:, :2], targets["labels"][:, 2:]
    of_tokens = ops.take(ops.reshape(logits, (-1, 2)), ops.maximum(places, 0), axis=0)
    of_tokens = ops.where(ops.less(places, 0)[..., None], -float("inf"), of_tokens)
    by_token = ops.transpose(of_tokens, (0, 2, 1))
    losses = ops.sparse_categorical_crossentropy(answers, by_token, from_logits=True)
    return ops.sum(ops.mean(losses, axis=1) * weights)


def _by_example(vectors: Tensor, weights: Tensor) -> Tensor:
    """Return vectors [sequences, hidden] as [examples, sequences per example, hidden]."""
    return ops.reshape(vectors, (ops.shape(weights)[0], -1, vectors.shape[-1]))


def _units(vectors: Tensor, weights: Tensor) -> Tensor:
    """Return the same as unit vectors."""
    return normalized(_by_example(vectors, weights))


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


def label_likelihood(outputs: Activations, examples: Examples) -> tuple[Tensor, Tensor, Tensor]:
    """Return the arrays of a `Likelihood`, each [sequences]; logits [rows, length, outputs], labels int [rows, length].

    Raises:
        BackendError: there are no logits.
    """
    logits, targets, weights = _labelled(outputs, examples)
    losses = ops.sparse_categorical_crossentropy(targets["labels"], logits, from_logits=True)
    hits = ops.cast(ops.equal(ops.argmax(logits, axis=-1), targets["labels"]), logits.dtype)
    log_probability, right, counted = (
        _by_sequence(values, examples.inputs) for values in (-losses * weights, hits * weights, weights)
    )
    return log_probability, right, counted


def _by_sequence(values: Tensor, inputs: Mapping[str, Tensor]) -> Tensor:
    """Return the sum over each sequence, [sequences], of values [rows, length]; an unpacked row is one sequence."""
    if "segment_ids" not in inputs:
        return ops.sum(values, axis=1)
    # Padding is a separate segment, after the others.
    segments = ops.shape(inputs["starts"])[0] + 1
    flat = ops.reshape(values, (-1,)), ops.reshape(inputs["segment_ids"], (-1,))
    return ops.segment_sum(*flat, num_segments=segments)[:-1]


def check_labels(loss: Loss, labels: Tensor, logits: Tensor) -> None:
    """Raise DataError if labels and logits do not have the shapes that the loss needs.

    The number of examples is open in a graph, so only the rank and the known dimensions of the outputs are compared.
    """
    given, outputs = tuple(labels.shape), tuple(logits.shape)
    expected = labels_shape(loss.labels, outputs)
    if expected is None:
        return
    known = zip(given, expected, strict=False)
    if len(given) != len(expected) or any(one != other for one, other in known if None not in (one, other)):
        raise DataError(
            f"loss {loss.name} reads labels of shape {list(expected)} for outputs of shape {list(outputs)}, "
            f"not {list(given)}"
        )

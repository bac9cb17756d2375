"""Rung: every loss and its gradient against ftcore.contract.losses. Bounds: loss, gradient.

The features are the identity matrix and the bias is zero, so the classifier's weight is the transposed logits,
and its gradient is the gradient with respect to the logits. For losses of vectors, the logits are the vectors.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ftcore.conformance import batches, linear
from ftcore.conformance.measure import Measured, relative
from ftcore.conformance.subject import Subject
from ftcore.contract import Learner, Step, Want
from ftcore.contract.losses import (
    BinaryCrossEntropy,
    CosineSimilarity,
    CrossEntropy,
    Huber,
    Loss,
    LossValue,
    MeanAbsoluteError,
    MeanSquaredError,
    MultipleNegativesRanking,
    Triplet,
)
from ftcore.contract.optimizers import global_norm
from ftcore.contract.seeds import generator

EXAMPLES, OUTPUTS = 6, 4
LEARNING_RATE = 1e4
"""So large that the parameter after a step of plain SGD shows the gradient."""


@dataclass(frozen=True)
class LossCase:
    """A loss with its options and the settings of its random inputs; `vectors` is their number per example."""

    name: str
    loss: Loss
    logit_scale: float = 2.0
    weighted: bool = False
    vectors: int = 0


LOSS_CASES = (
    LossCase("cross-entropy", CrossEntropy()),
    LossCase("cross-entropy, logits in the hundreds", CrossEntropy(), logit_scale=200.0),
    LossCase(
        "cross-entropy, smoothing, class and example weights",
        CrossEntropy(label_smoothing=0.1, class_weights=(0.5, 2.0, 1.0, 3.0)),
        weighted=True,
    ),
    LossCase("binary cross-entropy", BinaryCrossEntropy()),
    LossCase(
        "binary cross-entropy, positive and example weights, logits in the hundreds",
        BinaryCrossEntropy(positive_weights=(0.5, 2.0, 1.0, 3.0)),
        logit_scale=200.0,
        weighted=True,
    ),
    LossCase("mean squared error, example weights", MeanSquaredError(), weighted=True),
    LossCase("mean absolute error, example weights", MeanAbsoluteError(), weighted=True),
    LossCase("Huber, delta 1", Huber()),
    LossCase("Huber, delta 0.25, example weights", Huber(delta=0.25), weighted=True),
    LossCase("multiple negatives ranking of pairs", MultipleNegativesRanking(), vectors=2),
    LossCase(
        "multiple negatives ranking of triplets, scale 5, example weights",
        MultipleNegativesRanking(scale=5.0),
        weighted=True,
        vectors=3,
    ),
    LossCase("cosine similarity", CosineSimilarity(), vectors=2),
    LossCase(
        "cosine similarity, scores of -1 to 3, example weights",
        CosineSimilarity(score_at_zero=-1.0, score_at_one=3.0),
        weighted=True,
        vectors=2,
    ),
    LossCase("triplet", Triplet(), vectors=3),
    LossCase("triplet, cosine, margin 0.5, example weights", Triplet(0.5, "cosine"), weighted=True, vectors=3),
)


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure loss and gradient of a training step, and in the first mode also of `forward` and `gradients`."""
    network = linear.network(EXAMPLES, OUTPUTS)
    for case in LOSS_CASES:
        logits, labels, weights = _draw(case)
        parameters = {linear.WEIGHT: logits.T, linear.BIAS: np.zeros(OUTPUTS)}
        learner = subject.build(network, parameters, case.loss, decay_exempt=frozenset())
        batch = subject.features(np.eye(EXAMPLES), labels, weights)
        step = batches.step(case.loss, [batch], learning_rate=LEARNING_RATE)
        wanted = case.loss.reference(logits, labels, weights)
        errors = _evaluated(subject, learner, step, logits, wanted) if subject.thorough else []
        errors += _trained(subject, learner, step, logits, wanted)
        for name, error, bound in errors:
            yield Measured(f"{case.name}: {name}", error, bound)


Error = tuple[str, float, float]
"""Name, size and bound of an error."""


def _evaluated(subject: Subject, learner: Learner, step: Step, logits: np.ndarray, wanted: LossValue) -> list[Error]:
    bounds, found = subject.bounds, learner.forward(step.batches[0], Want(loss=True))
    gradient = learner.gradients(step)[linear.WEIGHT].T
    return [
        ("logits", relative(found.logits, logits), bounds.outputs),
        ("evaluated", relative(found.loss, wanted.total), bounds.loss),
        ("gradient", relative(gradient, wanted.gradient / step.total_weight), bounds.gradient),
    ]


def _trained(subject: Subject, learner: Learner, step: Step, logits: np.ndarray, wanted: LossValue) -> list[Error]:
    bounds, gradient = subject.bounds, wanted.gradient / step.total_weight
    result = learner.train_step(step)
    norm = global_norm({"weight": gradient, "bias": gradient.sum(axis=0)})
    moved = learner.tensors()[linear.WEIGHT].T
    return [
        ("trained", relative(result.loss, wanted.total / step.total_weight), bounds.loss),
        ("norm", relative(result.grad_norm, norm), bounds.gradient),
        ("step", relative(moved, logits - LEARNING_RATE * gradient), bounds.gradient),
    ]


def _draw(case: LossCase) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return logits [examples, outputs], labels and weights; regression has one exact hit and one error of delta."""
    draws = generator(0, "conformance", "losses", case.name)
    logits = (case.logit_scale * draws.standard_normal((EXAMPLES, OUTPUTS))).astype(np.float32).astype(np.float64)
    examples = EXAMPLES // max(case.vectors, 1)
    weights = np.ones(examples, dtype=np.float32)
    if case.weighted:
        weights = np.asarray([0.5, 2.0, 0.0, 1.0, 0.25, 3.0], dtype=np.float32)[:examples]
    if case.vectors:
        return logits, draws.random((examples, 1)).astype(np.float32), weights
    if isinstance(case.loss, CrossEntropy):
        return logits, draws.integers(0, OUTPUTS, size=EXAMPLES).astype(np.int32), weights
    if isinstance(case.loss, BinaryCrossEntropy):
        return logits, draws.integers(0, 2, size=logits.shape).astype(np.float32), weights
    labels = (logits + draws.standard_normal(logits.shape)).astype(np.float32)
    logits[0, :2] = labels[0, :2] + np.asarray([0.0, 0.25])
    return logits.astype(np.float32).astype(np.float64), labels, weights

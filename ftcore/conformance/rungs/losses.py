"""Rung: every loss and its gradient against ftcore.contract.losses. Bounds: loss, gradient.

The features are the identity matrix and the bias is zero, so the classifier's weight is the transposed logits,
and its gradient is the gradient with respect to the logits. For losses of vectors, the logits are the vectors.
"""

from collections.abc import Iterator

import numpy as np

from ftcore.conformance import batches, linear
from ftcore.conformance.loss_cases import LOSS_CASES
from ftcore.conformance.measure import Measured, relative
from ftcore.conformance.subject import Subject
from ftcore.contract import Learner, Outputs, Step, Want
from ftcore.contract.losses import LossValue
from ftcore.contract.optimizers import global_norm

LEARNING_RATE = 1e4
"""So large that the parameter after a step of plain SGD shows the gradient."""


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure the loss and gradient of a training step, and in the first mode those of `forward` and `gradients`."""
    for case in LOSS_CASES:
        logits, labels, weights = case.draw()
        count, outputs = logits.shape
        parameters = {linear.WEIGHT: logits.T, linear.BIAS: np.zeros(outputs)}
        learner = subject.build(linear.network(count, outputs), parameters, case.loss, decay_exempt=frozenset())
        batch = subject.features(np.eye(count), labels, weights)
        step = batches.step(case.loss, [batch], learning_rate=LEARNING_RATE)
        wanted = case.loss.reference(Outputs(logits), batch)
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

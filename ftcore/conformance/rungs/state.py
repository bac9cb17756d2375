"""Rung: a run continues from saved tensors and optimizer state, on any backend. Bounds: equal bits; outputs."""

from collections.abc import Iterator

import numpy as np

from ftcore.conformance import batches, curve, linear
from ftcore.conformance.bounds import EXACT
from ftcore.conformance.learners import twins
from ftcore.conformance.measure import Measured, count, different_bits, worst
from ftcore.conformance.subject import Subject
from ftcore.contract import Learner, Step
from ftcore.contract.losses import MeanSquaredError
from ftcore.contract.optimizers import SGD, AdamW, Optimizer
from ftcore.contract.seeds import generator

SAVED, LAST = 3, 6
"""The run is saved after step 3 and ends with step 6."""
LOSS = MeanSquaredError()
OPTIMIZERS: dict[str, Optimizer] = {
    "adamw": AdamW(learning_rate=0.05, weight_decay=0.1),
    "nesterov": SGD(learning_rate=0.05, momentum=0.9, nesterov=True),
}


def rows(subject: Subject) -> Iterator[Measured]:
    """Move a run between two learners of the backend, and between the backend and NumPy in both directions."""
    if subject.thorough:
        yield from _between_learners(subject)
    for name, optimizer in OPTIMIZERS.items():
        yield from _with_numpy(subject, name, optimizer)


def _between_learners(subject: Subject) -> Iterator[Measured]:
    # With dropout, so that the masks must continue too.
    first, second = twins(subject)
    curve.train(first, last=SAVED)
    tensors, state = first.tensors(), first.optimizer_state()
    yield Measured(f"the state's step is {SAVED}", abs(int(state["step"]) - SAVED), EXACT)
    # A learner that was trained before must not depend on that.
    curve.train(second, last=1)
    second.load_tensors(tensors)
    second.load_optimizer_state(state)
    yield Measured("tensors loaded by another learner", different_bits(second.tensors(), tensors), EXACT)
    yield Measured("optimizer state loaded by it", different_bits(second.optimizer_state(), state), EXACT)
    losses = [curve.train(learner, SAVED + 1, LAST) for learner in (first, second)]
    yield Measured("losses of the steps after it", count(a != b for a, b in zip(*losses, strict=True)), EXACT)
    yield Measured("tensors at the end", different_bits(second.tensors(), first.tensors()), EXACT)


def _with_numpy(subject: Subject, name: str, optimizer: Optimizer) -> Iterator[Measured]:
    """Measure against NumPy, which represents any other backend: it has only the names and arrays of the state."""
    network = linear.network(4, 3)
    parameters = linear.parameters(network, f"state, {name}")
    exempt = frozenset({linear.BIAS})
    learner = subject.build(network, parameters, LOSS, optimizer, decay_exempt=exempt)
    reference = linear.Reference(LOSS, optimizer, parameters)
    _train(subject, learner, 1, SAVED)
    reference.parameters = {key: value.astype(np.float64) for key, value in learner.tensors().items()}
    reference.load_optimizer_state(learner.optimizer_state())
    _train(subject, reference, SAVED + 1, LAST)
    _train(subject, learner, SAVED + 1, LAST)
    error = worst(learner.tensors(), reference.parameters)[1]
    yield Measured(f"{name}: NumPy continues from the backend", error, subject.bounds.outputs)
    other = linear.Reference(LOSS, optimizer, parameters)
    _train(subject, other, 1, SAVED)
    learner.load_tensors(other.parameters)
    learner.load_optimizer_state(other.optimizer_state())
    _train(subject, learner, SAVED + 1, LAST)
    _train(subject, other, SAVED + 1, LAST)
    error = worst(learner.tensors(), other.parameters)[1]
    yield Measured(f"{name}: the backend continues from NumPy", error, subject.bounds.outputs)


def _train(subject: Subject, learner: Learner | linear.Reference, first: int, last: int) -> None:
    for index in range(first, last + 1):
        learner.train_step(_step(subject, index))


def _step(subject: Subject, index: int) -> Step:
    draws = generator(0, "conformance", "state", index)
    values, labels = (draws.standard_normal((5, count)).astype(np.float32) for count in (4, 3))
    return batches.step(LOSS, [subject.features(values, labels)], index)

"""Rung: parameters outside a trainable subset do not change and have no state. Bounds: equal bits; gradient."""

from collections.abc import Iterator

import numpy as np

from ftcore.conformance import batches, linear
from ftcore.conformance.bert import CASES
from ftcore.conformance.bounds import EXACT
from ftcore.conformance.measure import Measured, count, different_bits, relative, worst
from ftcore.conformance.subject import Subject
from ftcore.contract.losses import MeanSquaredError
from ftcore.contract.optimizers import SGD, AdamW, global_norm
from ftcore.models import decay_exempt, trainable_names

PATTERNS = ("*.layer.1.output.*", "classifier.*")
STEPS = 2
OPTIMIZER = AdamW(learning_rate=0.01, weight_decay=0.1)


def rows(subject: Subject) -> Iterator[Measured]:
    """Train a part of a tiny BERT for two steps, and the bias of a linear network."""
    if subject.thorough:
        yield from _bert(subject)
    yield from _linear(subject)


def _bert(subject: Subject) -> Iterator[Measured]:
    case = CASES[0]
    network = case.network()
    names = trainable_names(PATTERNS, network) or frozenset()
    learner = subject.build(
        network, case.tensors, case.loss, OPTIMIZER, trainable=names, decay_exempt=decay_exempt(network)
    )
    gradients = subject.references.under(f"{case.name}/gradient/")
    before = learner.tensors()
    norms = [
        float(learner.train_step(batches.step(case.loss, [case.batch()], index)).grad_norm)
        for index in range(1, STEPS + 1)
    ]
    wanted = global_norm({name: gradients[name] for name in names})
    yield Measured("norm over the subset", relative(norms[0], wanted), subject.bounds.gradient)
    after = learner.tensors()
    frozen = before.keys() - names
    moved = different_bits({name: after[name] for name in frozen}, {name: before[name] for name in frozen})
    yield Measured(f"{len(frozen)} frozen parameters untouched", moved, EXACT)
    still = count((after[name] == before[name]).all() for name in names)
    yield Measured(f"{len(names)} trained parameters moved", still, EXACT)
    slots = {f"{slot}/{name}" for slot in OPTIMIZER.slots for name in names} | {"step"}
    yield Measured("optimizer state of the subset only", len(slots ^ learner.optimizer_state().keys()), EXACT)


def _linear(subject: Subject) -> Iterator[Measured]:
    network, names = linear.network(3, 2), frozenset({linear.BIAS})
    parameters = linear.parameters(network, "trainable")
    loss, optimizer = MeanSquaredError(), SGD()
    learner = subject.build(network, parameters, loss, optimizer, trainable=names, decay_exempt=names)
    reference = linear.Reference(loss, optimizer, parameters, trainable=names)
    values = np.linspace(-1, 1, 12).reshape(4, 3)
    step = batches.step(loss, [subject.features(values, np.ones((4, 2), dtype=np.float32))])
    found, wanted = learner.gradients(step), reference.gradients(step)[1]
    yield Measured("linear, bias only: gradients", worst(found, wanted)[1], subject.bounds.gradient)

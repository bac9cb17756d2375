"""Rung: each step trains on its own examples, in the order of the core. Bounds: loss, outputs."""

from collections.abc import Iterator

import numpy as np

from ftcore.conformance import batches, linear
from ftcore.conformance.measure import Measured, relative, worst
from ftcore.conformance.subject import Subject
from ftcore.contract.losses import MeanSquaredError
from ftcore.contract.optimizers import SGD
from ftcore.contract.seeds import generator

EXAMPLES, SIZE, OUTPUTS, STEPS = 5, 4, 3, 6
LOSS, OPTIMIZER = MeanSquaredError(), SGD()


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure loss and parameters of each step of a run with new examples in every step."""
    network = linear.network(SIZE, OUTPUTS)
    parameters = linear.parameters(network, "order")
    reference = linear.Reference(LOSS, OPTIMIZER, parameters)
    learner = subject.build(network, parameters, LOSS, OPTIMIZER, decay_exempt=frozenset({linear.BIAS}))
    losses, errors = [], []
    for index in range(1, STEPS + 1):
        draws = generator(0, "conformance", "order", index)
        values, labels = (draws.standard_normal((EXAMPLES, count)).astype(np.float32) for count in (SIZE, OUTPUTS))
        step = batches.step(LOSS, [subject.features(values, labels)], index)
        wanted, _ = reference.train_step(step)
        losses.append(relative(learner.train_step(step).loss, wanted))
        errors.append(worst(learner.tensors(), reference.parameters)[1])
    yield Measured(f"loss, worst of {STEPS} steps", max(losses), subject.bounds.loss)
    yield Measured(f"parameters, worst of {STEPS} steps", max(errors), subject.bounds.outputs)

"""Rung: each step uses its own learning rate, for every schedule. Bound: outputs."""

from collections.abc import Iterator

import numpy as np

from ftcore.conformance import batches, linear
from ftcore.conformance.measure import Measured, worst
from ftcore.conformance.subject import Subject
from ftcore.contract.losses import MeanSquaredError
from ftcore.contract.optimizers import SCHEDULES, SGD, LearningRates
from ftcore.contract.seeds import generator

EXAMPLES, SIZE, OUTPUTS, STEPS, WARMUP = 5, 4, 3, 6, 2
LOSS, OPTIMIZER = MeanSquaredError(), SGD(learning_rate=0.3)


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure the parameters after each step of a short run on one batch; the first rate of a warm-up is 0."""
    network = linear.network(SIZE, OUTPUTS)
    parameters = linear.parameters(network, "learning rates")
    learner = subject.build(network, parameters, LOSS, OPTIMIZER, decay_exempt=frozenset({linear.BIAS}))
    draws = generator(0, "conformance", "learning rates")
    values, labels = (draws.standard_normal((EXAMPLES, count)).astype(np.float32) for count in (SIZE, OUTPUTS))
    for name, schedule in SCHEDULES.items():
        rates = LearningRates(OPTIMIZER.learning_rate, schedule(), WARMUP, STEPS)
        learner.load_tensors(parameters)
        reference, errors = linear.Reference(LOSS, OPTIMIZER, parameters), []
        learner.load_optimizer_state(reference.optimizer_state())
        for index in range(1, STEPS + 1):
            step = batches.step(LOSS, [subject.features(values, labels)], index, rates.at(index))
            reference.train_step(step)
            learner.train_step(step)
            errors.append(worst(learner.tensors(), reference.parameters)[1])
        yield Measured(f"{name}: parameters, worst of {STEPS} steps", max(errors), subject.bounds.outputs)

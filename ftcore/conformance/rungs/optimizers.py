"""Rung: each step of every optimizer against ftcore.contract.optimizers. Bound: outputs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ftcore.conformance import batches, linear
from ftcore.conformance.measure import Measured, relative, worst
from ftcore.conformance.subject import Subject
from ftcore.contract import Batch
from ftcore.contract.losses import MeanSquaredError
from ftcore.contract.optimizers import EPSILON, SGD, Adam, AdamW, Optimizer
from ftcore.contract.seeds import generator

EXAMPLES, SIZE, OUTPUTS, STEPS = 5, 4, 3, 3
LOSS = MeanSquaredError()


@dataclass(frozen=True)
class OptimizerCase:
    """One optimizer in one situation.

    Attributes:
        name: name of the case.
        optimizer: the optimizer with its options.
        clip_norm: as in a Program.
        gradient_scale: approximate size of gradients; the total weight is divided by it.
        learning_rate: learning rate of each step.
        all_decay: whether biases decay too.
    """

    name: str
    optimizer: Optimizer
    clip_norm: float | None = None
    gradient_scale: float = 1.0
    learning_rate: float = 0.1
    all_decay: bool = False


OPTIMIZER_CASES = (
    OptimizerCase("sgd", SGD()),
    OptimizerCase("sgd, momentum, decay", SGD(momentum=0.9, weight_decay=0.1)),
    OptimizerCase("sgd, nesterov, clipping", SGD(momentum=0.9, nesterov=True), clip_norm=0.5),
    OptimizerCase("sgd, a norm near the clipping's epsilon", SGD(), EPSILON, 1e-6, 1e5),
    OptimizerCase("sgd, a norm below the clipping's", SGD(), clip_norm=1e3),
    OptimizerCase("adam, decay", Adam(weight_decay=0.1)),
    # Gradients as small as the epsilon: the size of the step depends on where it is added.
    OptimizerCase("adam, tiny gradients", Adam(), gradient_scale=1e-8),
    OptimizerCase("adamw, decay, betas 0.8 and 0.95", AdamW(beta1=0.8, beta2=0.95, weight_decay=0.1)),
    OptimizerCase("adamw, decay of biases too, clipping", AdamW(weight_decay=0.1), clip_norm=0.5, all_decay=True),
    OptimizerCase("adamw, tiny gradients, epsilon 1e-6", AdamW(epsilon=1e-6), gradient_scale=1e-6),
)


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure the parameters after each of a few steps on one batch, and the norms."""
    for case in OPTIMIZER_CASES:
        network = linear.network(SIZE, OUTPUTS)
        parameters = linear.parameters(network, case.name)
        exempt = frozenset() if case.all_decay else frozenset({linear.BIAS})
        reference = linear.Reference(LOSS, case.optimizer, parameters, case.clip_norm, exempt)
        learner = subject.build(
            network, parameters, LOSS, case.optimizer, clip_norm=case.clip_norm, decay_exempt=exempt
        )
        batch, errors, norms = _batch(subject, case), [], []
        for index in range(1, STEPS + 1):
            step = batches.step(LOSS, [batch], index, case.learning_rate)
            step = replace(step, total_weight=step.total_weight / case.gradient_scale)
            _, norm = reference.train_step(step)
            norms.append(relative(learner.train_step(step).grad_norm, norm))
            errors.append(worst(learner.tensors(), reference.parameters)[1])
        yield Measured(f"{case.name}: parameters, worst of {STEPS} steps", max(errors), subject.bounds.outputs)
        yield Measured(f"{case.name}: norm before clipping", max(norms), subject.bounds.gradient)


def _batch(subject: Subject, case: OptimizerCase) -> Batch:
    draws = generator(0, "conformance", "optimizers", case.name)
    values = draws.standard_normal((EXAMPLES, SIZE)).astype(np.float32)
    return subject.features(values, draws.standard_normal((EXAMPLES, OUTPUTS)).astype(np.float32))

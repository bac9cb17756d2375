"""Rung: a step whose loss or gradient norm is not finite changes nothing. Bound: equal bits."""

from collections.abc import Iterator

import numpy as np

from ftcore.conformance import batches, linear
from ftcore.conformance.bounds import EXACT
from ftcore.conformance.measure import Measured, different_bits, worst
from ftcore.conformance.subject import Subject
from ftcore.contract import Batch
from ftcore.contract.losses import MeanSquaredError
from ftcore.contract.optimizers import AdamW
from ftcore.contract.seeds import generator

EXAMPLES, SIZE, OUTPUTS = 4, 3, 2
LOSS, OPTIMIZER = MeanSquaredError(), AdamW(weight_decay=0.1)
BAD = {"NaN": np.nan, "infinity": np.inf, "overflow": 1e38}
"""1e38 is finite in float32, but its square is not."""


def rows(subject: Subject) -> Iterator[Measured]:
    """Train a step, try bad steps, and continue as if they had not happened."""
    network = linear.network(SIZE, OUTPUTS)
    parameters = linear.parameters(network, "not finite")
    reference = linear.Reference(LOSS, OPTIMIZER, parameters, 1.0)
    learner = subject.build(network, parameters, LOSS, OPTIMIZER, clip_norm=1.0, decay_exempt=frozenset({linear.BIAS}))
    good = batches.step(LOSS, [_batch(subject), _batch(subject)])
    reference.train_step(good)
    learner.train_step(good)
    tensors, state = learner.tensors(), learner.optimizer_state()
    for name, value in _bad(subject):
        result = learner.train_step(batches.step(LOSS, [_batch(subject), _batch(subject, value)], 2))
        yield Measured(f"{name} in the second micro-batch is reported", float(result.finite), EXACT)
        yield Measured(f"{name}: parameters untouched", different_bits(learner.tensors(), tensors), EXACT)
        changed = different_bits(learner.optimizer_state(), state)
        yield Measured(f"{name}: optimizer state untouched", changed, EXACT)
    reference.train_step(good)
    finite = float(learner.train_step(good).finite)
    yield Measured("a good step is reported", 1.0 - finite, EXACT)
    error = worst(learner.tensors(), reference.parameters)[1]
    yield Measured("the next step is as without the bad ones", error, subject.bounds.outputs)


def _bad(subject: Subject) -> Iterator[tuple[str, float]]:
    for name, value in BAD.items():
        yield name, value if subject.precision == "float32" or name != "overflow" else 1e300


def _batch(subject: Subject, bad: float | None = None) -> Batch:
    draws = generator(0, "conformance", "not finite")
    values = draws.standard_normal((EXAMPLES, SIZE))
    if bad is not None:
        values[1, 2] = bad
    labels = draws.standard_normal((EXAMPLES, OUTPUTS)).astype(np.float32)
    return subject.features(values, labels)

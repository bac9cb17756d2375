"""Rung: float16's loss scale does not change a step, and follows its definition. Bounds: outputs of float32; exact."""

from collections.abc import Iterator

import numpy as np

from ftcore.conformance import batches, linear
from ftcore.conformance.bounds import BOUNDS, EXACT
from ftcore.conformance.measure import Measured, different_bits, worst
from ftcore.conformance.subject import Subject
from ftcore.contract import Batch, Learner, Program, Step
from ftcore.contract.losses import MeanSquaredError
from ftcore.contract.optimizers import SGD
from ftcore.contract.optimizers.loss_scaling import GROWTH_INTERVAL, INITIAL, LEAST, SCALE, STREAK, updated
from ftcore.contract.seeds import generator

EXAMPLES, SIZE, OUTPUTS = 4, 3, 2
LOSS, OPTIMIZER = MeanSquaredError(), SGD()
CASES = ((INITIAL, 0), (INITIAL, GROWTH_INTERVAL - 1), (2 * LEAST, 5), (LEAST, GROWTH_INTERVAL - 2))
"""Scales and streaks before a step."""


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure a good step and a bad one from several states."""
    if "float16" not in subject.backend.info().precisions:
        yield Measured("float16 is not supported", EXACT, EXACT)
        return
    network = linear.network(SIZE, OUTPUTS)
    parameters = linear.parameters(network, "loss scaling")
    program = Program(network, LOSS, OPTIMIZER, precision="float16", decay_exempt=frozenset())
    learner = subject.backend.build(program, subject.device)
    learner.load_tensors({name: value.astype(np.float32) for name, value in parameters.items()})
    yield Measured("the state before the first step", _apart(learner, (INITIAL, 0)), EXACT)
    reference = linear.Reference(LOSS, OPTIMIZER, parameters, decay_exempt=frozenset())
    for begun in CASES:
        yield from _steps(learner, reference, begun)


def _steps(learner: Learner, reference: linear.Reference, begun: tuple[float, int]) -> Iterator[Measured]:
    where = f"scale {begun[0]:g} after {begun[1]} steps"
    _begin(learner, begun)
    learner.train_step(_step())
    reference.train_step(_step())
    error = worst(learner.tensors(), reference.parameters)[1]
    yield Measured(f"{where}: parameters after a good step", error, BOUNDS["float32"].outputs)
    yield Measured(f"{where}: state after a good step", _apart(learner, updated(*begun, finite=True)), EXACT)
    before = learner.tensors()
    _begin(learner, begun)
    finite = float(learner.train_step(_step(np.nan)).finite)
    changed = finite + different_bits(learner.tensors(), before)
    yield Measured(f"{where}: parameters untouched by a bad step", changed, EXACT)
    yield Measured(f"{where}: state after a bad step", _apart(learner, updated(*begun, finite=False)), EXACT)


def _begin(learner: Learner, state: tuple[float, int]) -> None:
    scale, streak = np.asarray(state[0], np.float32), np.asarray(state[1], np.int64)
    learner.load_optimizer_state({**learner.optimizer_state(), SCALE: scale, STREAK: streak})


def _apart(learner: Learner, wanted: tuple[float, int]) -> float:
    state = learner.optimizer_state()
    return abs(float(state[SCALE]) - wanted[0]) + abs(int(state[STREAK]) - wanted[1])


def _step(bad: float | None = None) -> Step:
    draws = generator(0, "conformance", "loss scaling")
    return batches.step(LOSS, [_batch(draws), _batch(draws, bad)], learning_rate=0.1)


def _batch(draws: np.random.Generator, bad: float | None = None) -> Batch:
    values = draws.standard_normal((EXAMPLES, SIZE)).astype(np.float32)
    if bad is not None:
        values[1, 2] = bad
    labels = draws.standard_normal((EXAMPLES, OUTPUTS)).astype(np.float32)
    return batches.features(values, labels)

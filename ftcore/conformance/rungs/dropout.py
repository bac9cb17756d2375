"""Dropout is a function of seed and step, keeps the mean, and is off in `forward` and `gradients`. Bounds: in place."""

from collections.abc import Iterator

import numpy as np

from ftcore.backend import Learner, Want
from ftcore.conformance import batches, linear
from ftcore.conformance.bert import CASES, CURVE
from ftcore.conformance.bounds import EXACT
from ftcore.conformance.measure import Measured, count, relative, worst
from ftcore.conformance.subject import Subject
from ftcore.losses import MeanAbsoluteError
from ftcore.optimizers import SGD

RATE, STEPS = 0.5, 16
EXAMPLES, SIZE = 64, 64
OFFSET = 8.0
DEVIATION = np.sqrt(RATE / (1 - RATE) / (EXAMPLES * SIZE))
"""Of the mean logit of a step, where every example and channel has a draw of its own."""


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure repetition on a tiny BERT, and the masks' mean and spread on a linear network."""
    yield from _repetition(subject)
    yield from _off(subject)
    means = _mean_logits(subject)
    # Four standard deviations of the mean over all steps.
    yield Measured("mean kept", abs(float(means.mean()) - 1.0), 4 * DEVIATION / np.sqrt(STEPS))
    # One mask for all examples would make the spread 8 times as large, no new mask each step 0.
    spread = abs(float(means.std(ddof=1) / DEVIATION) - 1.0)
    yield Measured("spread over steps is that of independent draws", spread, 0.6)


def _repetition(subject: Subject) -> Iterator[Measured]:
    first, again, other = (_losses(_bert(subject, seed)) for seed in (1, 1, 2))
    different = count(a != b for a, b in zip(first, again, strict=True))
    yield Measured("same seed, same steps: the same losses", different, EXACT)
    yield Measured("another step, another mask", len(first) - len(set(first)), EXACT)
    yield Measured("another seed, another mask", len({*first} & {*other}), EXACT)
    later = _bert(subject, 1)
    loss = float(later.train_step(batches.step(CURVE.loss, [CURVE.batch()], 3, 1e-30)).loss)
    yield Measured("a step's mask needs no earlier step", relative(loss, first[2]), EXACT)


def _bert(subject: Subject, seed: int) -> Learner:
    return subject.build(CURVE.network(dropout=0.1), CURVE.tensors, CURVE.loss, SGD(), seed=seed)


def _losses(learner: Learner) -> list[float]:
    """Return the losses of steps that change the parameters by nothing: only masks differ."""
    steps = (batches.step(CURVE.loss, [CURVE.batch()], index, 1e-30) for index in range(1, 5))
    return [float(learner.train_step(step).loss) for step in steps]


def _off(subject: Subject) -> Iterator[Measured]:
    case = CASES[0]
    learner = subject.build(case.network(dropout=0.5), case.tensors, case.loss)
    batch = case.batch()
    found = learner.forward(batch, Want())
    wanted = subject.references[f"{case.name}/logits"]
    yield Measured("off in forward", relative(found.logits, wanted), subject.bounds.outputs)
    gradients = learner.gradients(batches.step(case.loss, [batch]))
    references = subject.references.under(f"{case.name}/gradient/")
    kept = references.keys() - case.zero_gradients
    error = worst({key: gradients[key] for key in kept}, {key: references[key] for key in kept})[1]
    yield Measured("off in gradients", error, subject.bounds.gradient)


def _mean_logits(subject: Subject) -> np.ndarray:
    """Return the mean logit of each step, 1 without dropout: the absolute error from -OFFSET reads it off."""
    parameters = {linear.WEIGHT: np.full((1, SIZE), 1.0 / SIZE), linear.BIAS: np.zeros(1)}
    loss = MeanAbsoluteError()
    learner = subject.build(linear.network(SIZE, 1, RATE), parameters, loss, SGD(), decay_exempt=frozenset())
    labels = np.full((EXAMPLES, 1), -OFFSET, dtype=np.float32)
    batch = subject.features(np.ones((EXAMPLES, SIZE), dtype=np.float32), labels)
    steps = (batches.step(loss, [batch], index, 1e-30) for index in range(1, STEPS + 1))
    return np.asarray([float(learner.train_step(step).loss) for step in steps]) - OFFSET

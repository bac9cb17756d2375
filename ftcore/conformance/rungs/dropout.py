"""Rung: dropout has the masks of the contract, keeps the mean, and is off in `forward` and `gradients`."""

from collections.abc import Iterable, Iterator

import numpy as np

from ftcore.conformance import batches, linear
from ftcore.conformance.bert import CURVE
from ftcore.conformance.bounds import EXACT
from ftcore.conformance.learners import twins
from ftcore.conformance.measure import Measured, count, relative
from ftcore.conformance.subject import Subject
from ftcore.contract import Batch, Learner, Want, dropout
from ftcore.contract.losses import Loss, MeanAbsoluteError
from ftcore.contract.network import Network
from ftcore.contract.seeds import generator

RATE, STEPS = 0.5, 16
EXAMPLES, SIZE = 64, 64
LOSS, OFFSET = MeanAbsoluteError(), 8.0
DEVIATION = np.sqrt(RATE / (1 - RATE) / (EXAMPLES * SIZE))
"""Standard deviation of a step's mean logit if every example and channel is drawn independently."""


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure repetition on a tiny BERT, and the masks' mean and spread on a linear network."""
    if subject.thorough:
        yield from _bert(subject)
    one, again, other = (subject.build(*_linear(), seed=seed) for seed in (1, 1, 2))
    batch = subject.features(np.ones((EXAMPLES, SIZE)), np.full((EXAMPLES, 1), -OFFSET, dtype=np.float32))
    found = one.forward(batch, Want()).logits
    yield Measured("off in forward", relative(found, np.ones((EXAMPLES, 1))), subject.bounds.outputs)
    gradient = one.gradients(batches.step(LOSS, [batch]))[linear.WEIGHT]
    yield Measured("off in gradients", relative(gradient, np.ones((1, SIZE))), subject.bounds.gradient)
    losses = [_losses(learner, LOSS, batch, range(1, STEPS + 1)) for learner in (one, again, other)]
    yield Measured("same seed, same losses", count(a != b for a, b in zip(*losses[:2], strict=True)), EXACT)
    yield Measured("another seed, another mask", float(losses[0] == losses[2]), EXACT)
    means = np.asarray(losses[0]) - OFFSET
    # Four standard deviations of the mean over all steps.
    yield Measured("mean kept", abs(float(means.mean()) - 1.0), 4 * DEVIATION / np.sqrt(STEPS))
    # One mask for all examples would make the spread 8 times as large.
    spread = abs(float(means.std(ddof=1) / DEVIATION) - 1.0)
    yield Measured("spread over steps is that of independent draws", spread, 0.6)
    yield from _definition(subject, one, seed=1)


def _definition(subject: Subject, learner: Learner, seed: int) -> Iterator[Measured]:
    """Measure losses of a batch whose elements all have different weights, which show which ones were dropped."""
    values = generator(0, "conformance", "dropout").uniform(0.5, 1.5, (EXAMPLES, SIZE))
    batch = subject.features(values, np.full((EXAMPLES, 1), -OFFSET, dtype=np.float32))
    indices = (1, 2, 2**31)
    found = _losses(learner, LOSS, batch, indices)
    wanted = [_wanted(batch, seed, index) for index in indices]
    error = max(relative(*pair) for pair in zip(found, wanted, strict=True))
    yield Measured("the mask is the contract's", error, subject.bounds.loss)


def _wanted(batch: Batch, seed: int, index: int) -> float:
    """Return the loss of a step by the definition in ftcore.contract.dropout."""
    site = dropout.site_keys(seed, index, _linear()[0].dropout_sites)[0]
    kept = dropout.kept((dropout.keys(batch).examples ^ site)[:, None], dropout.channel_keys(SIZE), RATE)
    scaled = batch.inputs["features"].astype(np.float64) / (1 - RATE)
    return OFFSET + float(np.where(kept, scaled, 0.0).mean())


def _bert(subject: Subject) -> Iterator[Measured]:
    first, again = twins(subject)
    batch = CURVE.batch()
    losses = _losses(first, CURVE.loss, batch, (1, 2, 3, 4))
    yield Measured("another step, another mask", len(losses) - len(set(losses)), EXACT)
    repeated = _losses(again, CURVE.loss, batch, (4, 2, 1, 3))
    different = count(losses[index - 1] != found for index, found in zip((4, 2, 1, 3), repeated, strict=True))
    yield Measured("same seed, same step, in any order: the same loss", different, EXACT)
    wanted = subject.references[f"{CURVE.name}/logits"]
    yield Measured(
        "BERT, off in forward", relative(first.forward(batch, Want()).logits, wanted), subject.bounds.outputs
    )


def _linear() -> tuple[Network, dict[str, np.ndarray], Loss]:
    """Return a network whose logit is 1 without dropout; the absolute error from -OFFSET gives the mean logit."""
    parameters = {linear.WEIGHT: np.full((1, SIZE), 1.0 / SIZE), linear.BIAS: np.zeros(1)}
    return linear.network(SIZE, 1, RATE), parameters, LOSS


def _losses(learner: Learner, loss: Loss, batch: Batch, indices: Iterable[int]) -> list[float]:
    """Return the losses of steps with learning rate 0, which change no parameter, so that only masks differ."""
    return [float(learner.train_step(batches.step(loss, [batch], index, 0.0)).loss) for index in indices]

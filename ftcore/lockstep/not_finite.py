"""Takes a step whose loss is infinite: it must change nothing but float16's loss scale."""

from dataclasses import replace

import numpy as np

from ftcore.contract import Batch, Learner, Step
from ftcore.contract.optimizers.loss_scaling import SCALE, STREAK, updated
from ftcore.lockstep.quantity import Quantity, equal
from ftcore.lockstep.state import State
from ftcore.lockstep.taking import take


def measure_not_finite(learner: Learner, before: State, step: Step) -> Quantity:
    """Return what a learner changes in a step of which every example weighs infinitely much."""
    taken = take(learner, before, replace(step, batches=[_infinite(batch) for batch in step.batches]))
    wanted = _left_alone(before)
    differing = [
        *(["whether it is finite"] if taken.finite else []),
        *wanted.differing(taken.after),
    ]
    return equal("a step that is not finite", differing)


def _infinite(batch: Batch) -> Batch:
    return replace(batch, weights=np.full_like(batch.weights, np.inf))


def _left_alone(before: State) -> State:
    """Return the state after a step that is not finite, as the contract defines it."""
    if SCALE not in before.optimizer:
        return before
    scale, streak = updated(float(before.optimizer[SCALE]), int(before.optimizer[STREAK]), finite=False)
    return State(before.tensors, {**before.optimizer, SCALE: np.asarray(scale, np.float32), STREAK: np.asarray(streak)})

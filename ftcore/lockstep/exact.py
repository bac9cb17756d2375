"""Takes the first sampled steps in float64 as well, where only differences of the mathematics remain."""

from collections.abc import Mapping

import numpy as np

from ftcore.contract import Learner, Step
from ftcore.lockstep.bounds import FLOOR, STEP_BOUNDS
from ftcore.lockstep.measuring import measure
from ftcore.lockstep.quantity import Quantity, equal, ratio, worst
from ftcore.lockstep.records import Record, Records, fingerprint
from ftcore.lockstep.result import StepDifference
from ftcore.lockstep.taking import take
from ftcore.loop import Job

FLOAT64 = "float64"
STEPS = 2
"""Number of sampled steps that are taken in float64."""


def record_exactly(job: Job, sampled: Records, exact: Records) -> None:
    """Take the first sampled steps in float64, and record them.

    Args:
        job: the run's job, built in float64.
        sampled: the recorded steps of the run.
        exact: receives the steps in float64.
    """
    for index in sampled.steps[:STEPS]:
        step = job.steps.at(index)
        before = sampled.before(index).in_float64()
        gradients = _gradients(job.learner, before.tensors, step)
        exact.save(step, None, Record(take(job.learner, before, step), fingerprint(step), gradients))


def follow_exactly(job: Job, sampled: Records, exact: Records) -> list[StepDifference]:
    """Take the steps that `record_exactly` recorded, and measure the differences."""
    return [_follow(job, sampled, exact, index) for index in exact.steps]


def _follow(job: Job, sampled: Records, exact: Records, index: int) -> StepDifference:
    step, record = job.steps.at(index), exact.load(index)
    before = sampled.before(index).in_float64()
    gradients = compare_gradients(_gradients(job.learner, before.tensors, step), record.gradients)
    found = measure(job.program, step, before, record.taken, take(job.learner, before, step))
    return StepDifference(index, FLOAT64, (*found, gradients))


def _gradients(learner: Learner, tensors: Mapping[str, np.ndarray], step: Step) -> Mapping[str, np.ndarray]:
    learner.load_tensors(tensors)
    return learner.gradients(step)


def compare_gradients(found: Mapping[str, np.ndarray], wanted: Mapping[str, np.ndarray]) -> Quantity:
    """Return the quantity of gradients without dropout.

    Args:
        found: by parameter, float64 in its own shape.
        wanted: the reference's, float64 in its own shape.
    """
    name, bound = "gradients without dropout", STEP_BOUNDS[FLOAT64].gradients
    if strange := sorted(set(found) ^ set(wanted)):
        return equal(name, strange)
    sizes = {key: float(np.linalg.norm(value)) for key, value in wanted.items()}
    floor = FLOOR * sum(size**2 for size in sizes.values()) ** 0.5
    apart = {key: float(np.linalg.norm(found[key] - value)) for key, value in wanted.items()}
    return worst(name, {key: ratio(apart[key], max(sizes[key], floor)) for key in wanted}, bound)

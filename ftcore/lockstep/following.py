"""The part of every other backend: takes the recorded steps from the reference's states, after its own run."""

from pathlib import Path
from typing import Any

from ftcore.conformance import learner_differences
from ftcore.errors import RunError
from ftcore.files import read_json, write_json
from ftcore.lockstep.evaluation import Evaluations
from ftcore.lockstep.exact import FLOAT64, follow_exactly
from ftcore.lockstep.measuring import measure
from ftcore.lockstep.not_finite import measure_not_finite
from ftcore.lockstep.quantity import equal
from ftcore.lockstep.recording import EXACT, SAMPLED
from ftcore.lockstep.records import Records, fingerprint
from ftcore.lockstep.result import Lockstep, StepDifference, lockstep_from_json
from ftcore.lockstep.taking import take
from ftcore.loop import Job, Run
from ftcore.observer import Observer
from ftcore.runs import AtPrecision

MODEL = "model-before-the-difference"


class Following:
    """Takes part in the run of a backend that is compared with the reference.

    Args:
        folder: holds what `Recording` wrote, and receives BACKEND.json.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def joined(self, job: Job, spec: Any) -> Job:
        """Return the job."""
        return job

    def finish(self, job: Job, at_precision: AtPrecision, run: Run, observer: Observer) -> None:
        """Take the recorded steps, evaluate the reference's result, and write the differences."""
        observer.stage("taking the reference's steps")
        path = self._folder / f"{job.about['backend']}.json"
        before = lockstep_from_json(read_json(path)) if path.is_file() else None
        found = self._first(job, at_precision) if before is None else self._further(job, before)
        write_json(path, found.to_json())
        self._write_model(job, found)

    def _first(self, job: Job, at_precision: AtPrecision) -> Lockstep:
        sampled, exact = Records(self._folder / SAMPLED), Records(self._folder / EXACT)
        if not sampled.steps:
            raise RunError(
                f"{self._folder}: the reference's run kept no states, maybe because an earlier version of ftcore began "
                "it: choose another --output"
            )
        steps = [follow(job, sampled, index) for index in sampled.steps]
        evaluation = Evaluations(self._folder).compared(job)
        job64 = at_precision(FLOAT64) if exact.steps else None
        if job64 is not None:
            steps += follow_exactly(job64, sampled, exact)
        return Lockstep(tuple(steps), evaluation)

    def _further(self, job: Job, before: Lockstep) -> Lockstep:
        """Take the steps that were recorded since."""
        sampled, known = Records(self._folder / SAMPLED), {one.step for one in before.steps}
        further = [follow(job, sampled, index) for index in sampled.steps if index not in known]
        return Lockstep((*before.steps, *further), before.evaluation)

    def _write_model(self, job: Job, found: Lockstep) -> None:
        """Write the network before the first step that differs, for `ftcore diff`."""
        failed, folder = found.first_failure, self._folder / MODEL
        wrong = None if failed is None else failed.first_failure
        if failed is not None and wrong is not None and wrong.is_number and not folder.exists():
            job.learner.load_tensors(Records(self._folder / SAMPLED).before(failed.step).tensors)
            job.write_model(folder, failed.step - 1)


def follow(job: Job, records: Records, index: int) -> StepDifference:
    """Take a recorded step from the reference's state, and measure the differences."""
    step, record = job.steps.at(index), records.load(index)
    same = equal("examples", [] if fingerprint(step) == record.batches else ["the step's batches"])
    signatures = equal("signatures of the learner", learner_differences(job.learner))
    before = records.before(index)
    found = measure(job.program, step, before, record.taken, take(job.learner, before, step))
    further = [measure_not_finite(job.learner, before, step)] if index == records.steps[0] else []
    return StepDifference(index, job.program.precision, (signatures, same, *found, *further))

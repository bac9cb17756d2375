"""The reference's part: keeps the states of sampled steps while it runs, and its result."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ftcore.contract import Learner, Step, StepResult
from ftcore.errors import SpecError
from ftcore.lockstep.evaluation import Evaluations
from ftcore.lockstep.exact import FLOAT64, STEPS, record_exactly
from ftcore.lockstep.further import read_twin, read_wanted, record_further, run_twin
from ftcore.lockstep.records import Record, Records, fingerprint
from ftcore.lockstep.room import check_disk, lacking_memory
from ftcore.lockstep.sampling import sampled_steps
from ftcore.lockstep.state import State, state_of
from ftcore.lockstep.taking import Taken
from ftcore.loop import Job, Run
from ftcore.observer import Observer
from ftcore.runs import AtPrecision

SAMPLED, EXACT = "sampled", FLOAT64
"""Folders of the steps in the run's precision, and of those in float64."""


class Recording:
    """Takes part in the reference's run.

    Args:
        folder: receives the recorded steps and the result.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def joined(self, job: Job, spec: Any) -> Job:
        """Return the job, whose sampled steps and result are recorded."""
        asked, total = spec.compare.lockstep, job.plan.total_steps
        steps = frozenset(sampled_steps(asked, total))
        if not steps:
            raise SpecError(f"compare.lockstep: given {asked}, but the run has {total} steps: name one, or set auto")
        check_disk(self._folder, state_of(job.learner), len(steps), STEPS)
        watcher = Recorder(Records(self._folder / SAMPLED), job.learner, steps)
        return replace(Evaluations(self._folder).recorded(job), watcher=watcher)

    def finish(self, job: Job, at_precision: AtPrecision, run: Run, observer: Observer) -> None:
        """Take the first sampled steps in float64, or what a comparison asks for, unless an earlier process did."""
        sampled, exact = Records(self._folder / SAMPLED), Records(self._folder / EXACT)
        wanted = read_wanted(self._folder)
        if wanted is not None and read_twin(self._folder) is None:
            observer.stage("taking further steps")
            losses = [event["loss"] for event in run.history if event["event"] == "train"]
            record_further(job, sampled, wanted.steps)
            run_twin(job, losses, wanted, self._folder)
        if job.program.precision == FLOAT64 or exact.steps or not sampled.steps:
            return
        observer.stage("taking steps in float64")
        if (reason := lacking_memory(sampled.before(sampled.steps[0]))) is not None:
            observer.note(f"no step is taken in float64: {reason}")
            return
        job64 = at_precision(FLOAT64)
        if job64 is not None:
            record_exactly(job64, sampled, exact)


class Recorder:
    """Writes the state before and after each sampled step."""

    def __init__(self, records: Records, learner: Learner, steps: frozenset[int]) -> None:
        self._records = records
        self._learner = learner
        self._steps = steps
        self._before: State | None = None

    def before(self, step: Step) -> None:
        """Copy the state before a sampled step."""
        self._before = state_of(self._learner) if step.index in self._steps else None

    def after(self, step: Step, result: StepResult) -> None:
        """Write a sampled step."""
        if self._before is None:
            return
        loss, norm, finite = float(result.loss), float(result.grad_norm), bool(float(result.finite))
        taken = Taken(loss, norm, finite, state_of(self._learner))
        self._records.save(step, self._before, Record(taken, fingerprint(step), {}))
        self._before = None

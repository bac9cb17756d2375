"""Child process of ftcore as a contestant: the usual training loop, with a learner that times each step.

python -m ftcore.bench.contestant --backend NAME ...
"""

import importlib.metadata
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from ftcore.bench.assignment import Assignment, assignment_of, parser
from ftcore.bench.recording import Recorder
from ftcore.contract import Batch, Learner, Step, StepResult
from ftcore.contract import discovery as backends
from ftcore.data import sequence_lengths
from ftcore.helpers import child_exit_code
from ftcore.loop import execute
from ftcore.models import StepFlops
from ftcore.observer import Silent
from ftcore.runs import job_of


class EnoughError(Exception):
    """Raised after the last measured step, to end the run."""


class TimedLearner:
    """Forwards steps to a learner and records each; the time of a step starts at the end of the one before."""

    def __init__(self, learner: Learner, steps: int, recorder: Recorder, flops: StepFlops | None) -> None:
        self._learner = learner
        self._steps = steps
        self._recorder = recorder
        self._flops = flops
        self._ended = time.perf_counter()

    def train_step(self, step: Step) -> StepResult:
        """Train a step, and wait for its loss so that it is finished."""
        result = self._learner.train_step(step)
        loss = float(result.loss)
        now = time.perf_counter()
        lengths = np.concatenate([sequence_lengths(batch) for batch in step.batches])
        examples = sum(batch.examples for batch in step.batches)
        computed = sum(computed_tokens(batch) for batch in step.batches)
        self._recorder.step(now - self._ended, examples, lengths, computed, loss, self._flops)
        if step.index == self._steps:
            raise EnoughError
        self._ended = time.perf_counter()
        return result


def measure(assignment: Assignment, backend: str) -> None:
    """Run an assignment on a backend and write its measurement."""
    implementation = backends.load(backend)
    own = {name: importlib.metadata.version(name) for name in ("ftcore", "numpy")}
    recorder = Recorder(assignment.name, own | dict(implementation.info().versions))
    bound = assignment.bind()
    job = job_of(bound, implementation, Silent())
    with tempfile.TemporaryDirectory() as folder:
        timed = TimedLearner(job.learner, assignment.steps, recorder, bound.network.flops)
        try:
            execute(replace(job, learner=cast(Learner, timed)), Path(folder), resume=False, observer=Silent())
        except EnoughError:
            recorder.write(assignment.output)


def computed_tokens(batch: Batch) -> int:
    """Return the number of slots of a batch, including padding."""
    return batch.inputs["input_ids"].size if "input_ids" in batch.inputs else 0


def main() -> int:
    """Read the arguments and measure."""
    words = parser("Train a few steps with ftcore and write their times.")
    words.add_argument("--backend", required=True)
    given = words.parse_args()
    return child_exit_code(lambda: measure(assignment_of(given), given.backend))


if __name__ == "__main__":
    sys.exit(main())

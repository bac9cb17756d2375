"""Trains in a run folder and writes the result; runs of specs and `finetune` share this."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ftcore.contract import Learner, Program, Step
from ftcore.contract.losses import Loss
from ftcore.data import Dataset
from ftcore.errors import DataError, NotFiniteError
from ftcore.evaluation import Evaluated, Judged, row_of, where_not_finite
from ftcore.files import write_json
from ftcore.loop.checkpoints import Checkpoints
from ftcore.loop.environment import peak_memory_bytes
from ftcore.loop.journal import Journal
from ftcore.loop.plan import TrainingPlan
from ftcore.loop.progress import Progress
from ftcore.loop.run_folder import Run
from ftcore.loop.steps import NOBODY, Steps, StepWatcher
from ftcore.loop.training import AroundStep, Throughput, Training, train
from ftcore.machine.matmul import Rate
from ftcore.models import StepFlops
from ftcore.observer import Observer

Found = TypeVar("Found")
NotesOfMetrics = Callable[[str, Dataset, Mapping[str, float]], Sequence[str]]
"""Takes a split's name, the split and its metrics; returns messages for the user."""

MatmulRate = Callable[[float], Rate]
"""Takes the seconds of a training, and returns the best matrix-multiply rate of the machine right now."""


def _no_notes(name: str, split: Dataset, metrics: Mapping[str, float]) -> Sequence[str]:
    return ()


def _plainly(step: Step) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class Job:
    """A training, with the functions that evaluate it and write its result.

    Attributes:
        learner: built, with its initial parameters.
        program: the program of which it was built.
        loss: the loss's definition.
        evaluate: evaluates a split.
        further: generates the texts of a split and judges them, at the end; None if there are none.
        train_at: returns the training examples for the number of a step; None if they are the same in every step.
        splits: "train" and, if there are any, "validation" and "test".
        plan: the training in steps.
        write_model: writes the result of a step into a folder; returns notes for the user.
        flops: counts the operations of a step; None if they are unknown.
        matmul_rate: measures the machine's matrix-multiply rate; None if nothing can.
        most_skipped: how many consecutive steps may be not finite.
        about: fields of result.json that are known before the training.
        notes_of_metrics: returns messages for the user about metrics that are undefined.
        around_step: returns the context in which a step is taken.
        watcher: sees each step.
    """

    learner: Learner
    program: Program
    loss: Loss
    evaluate: Callable[[Dataset], Evaluated]
    splits: Mapping[str, Dataset]
    plan: TrainingPlan
    write_model: Callable[[Path, int], Sequence[str]]
    flops: StepFlops | None = None
    matmul_rate: MatmulRate | None = None
    most_skipped: int = 0
    further: Callable[[Dataset], Judged] | None = None
    train_at: Callable[[int], Dataset] | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    notes_of_metrics: NotesOfMetrics = _no_notes
    around_step: AroundStep = _plainly
    watcher: StepWatcher = NOBODY

    @property
    def steps(self) -> Steps:
        """The steps of the training."""
        return Steps(self.learner, self.loss, self.splits["train"], self.train_at, self.plan)


def execute(job: Job, folder: Path, resume: bool, observer: Observer) -> Run:
    """Train, test, write the model, and last result.json: a folder without it is not finished."""
    if resume and (folder / "result.json").is_file():
        observer.note(f"{folder} is finished: nothing to resume")
        return Run(folder)
    began = time.perf_counter()
    checkpoints = Checkpoints(folder / "checkpoints")
    progress = _restored(job.learner, checkpoints) if resume else Progress()
    journal = Journal(folder / "metrics.jsonl", progress.step, job.most_skipped, partial(_located, job.learner))
    evaluated: dict[int, dict[str, float]] = {}

    def validate() -> dict[str, float]:
        evaluated[progress.step] = _evaluated(job, "validation", progress.step, job.evaluate).metrics
        return evaluated[progress.step]

    throughput = train(
        Training(
            steps=job.steps,
            evaluate=validate if "validation" in job.splits else None,
            flops=job.flops,
            watcher=job.watcher,
            journal=journal,
            checkpoints=checkpoints,
            observer=observer,
            around_step=job.around_step,
        ),
        progress,
    )
    metrics = _final_metrics(job, journal, progress, observer, evaluated)
    notes = [note for name, found in metrics.items() for note in job.notes_of_metrics(name, job.splits[name], found)]
    notes += job.write_model(folder / "model", _kept_step(job, progress))
    for note in notes:
        observer.note(note)
    seconds = time.perf_counter() - began
    write_json(folder / "result.json", _result(job, progress, throughput, metrics, notes, seconds))
    # The best is in model/ now; the newest stays, so that the training can be continued.
    checkpoints.keep_only({progress.step})
    return Run(folder)


def _located(learner: Learner, step: Step) -> str:
    """Return where the forward pass of a step ceases to be finite; "" if that is unknown."""
    return next((where for batch in step.batches if (where := where_not_finite(learner, batch))), "")


def _evaluated(job: Job, name: str, step: int, evaluate: Callable[[Dataset], Found]) -> Found:
    """Return what the evaluation of a split gives as of a step.

    Raises:
        RunError: the network's outputs are not finite; names the split and the row.
        DataError: nothing in the split counts in the loss.
    """
    split = job.splits[name]
    try:
        return evaluate(split)
    except NotFiniteError as error:
        row = "" if error.example is None else f", row {row_of(split, error.example)}"
        raise error.at(f"{name}{row}, after step {step}") from error
    except DataError as error:
        raise DataError(f"{name}: {error}") from error


def _restored(learner: Learner, checkpoints: Checkpoints) -> Progress:
    newest = checkpoints.newest()
    return Progress() if newest is None else checkpoints.restore(newest, learner)


def _kept_step(job: Job, progress: Progress) -> int:
    return progress.best_step if job.plan.keep == "best" and progress.best_step else progress.step


def _final_metrics(
    job: Job, journal: Journal, progress: Progress, observer: Observer, evaluated: Mapping[int, dict[str, float]]
) -> dict[str, dict[str, float]]:
    """Evaluate the final parameters on validation, unless `evaluated` has their step, and once on test."""
    kept, found = _kept_step(job, progress), dict[str, dict[str, float]]()
    for split in ("validation", "test"):
        if split == "validation" and kept in evaluated:
            found[split] = evaluated[kept]
        elif split in job.splits:
            found[split] = _evaluated(job, split, kept, job.evaluate).metrics
        if split in found and job.further is not None:
            observer.stage(f"generating for {split}")
            found[split] |= _evaluated(job, split, kept, job.further).metrics
        if split == "test" and split in found:
            journal.evaluation(progress.step, split, found[split], progress.seconds)
            observer.evaluated(split, kept, found[split])
    return found


def _result(
    job: Job,
    progress: Progress,
    throughput: Throughput,
    metrics: dict[str, dict[str, float]],
    notes: list[str],
    seconds: float,
) -> dict[str, Any]:
    return {
        "status": "complete",
        **job.about,
        "metrics": metrics,
        "steps": progress.step,
        "best_step": _kept_step(job, progress),
        "seconds": round(seconds, 3),
        "training_seconds": round(progress.seconds, 3),
        "seconds_to_first_step": round(throughput.first_step_seconds, 3),
        "examples_per_second": round(throughput.per_second(throughput.examples), 2),
        "tokens_per_second": round(throughput.per_second(throughput.tokens), 1),
        **_limit(job, throughput),
        "peak_memory_bytes": peak_memory_bytes(),
        "notes": notes,
    }


def _limit(job: Job, throughput: Throughput) -> dict[str, float | str | None]:
    """Return the operations per second on real tokens, the machine's best rate, its library, and the ratio."""
    if job.flops is None or job.matmul_rate is None or not throughput.flops:
        return dict.fromkeys(("flops_per_second", "matmul_flops_per_second", "matmul_library", "limit_share"))
    found, limit = throughput.per_second(throughput.flops), job.matmul_rate(throughput.seconds)
    return {
        "flops_per_second": round(found),
        "matmul_flops_per_second": round(limit.flops_per_second),
        "matmul_library": limit.library,
        "limit_share": round(found / limit.flops_per_second, 4),
    }

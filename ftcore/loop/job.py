"""A training with its run folder: the part that a spec's run and `finetune` share."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ftcore.contract import Learner
from ftcore.contract.losses import Loss
from ftcore.data import Dataset
from ftcore.files import write_json
from ftcore.loop.checkpoints import Checkpoints
from ftcore.loop.environment import peak_memory_bytes
from ftcore.loop.journal import Journal
from ftcore.loop.plan import TrainingPlan
from ftcore.loop.progress import Progress
from ftcore.loop.run_folder import Run
from ftcore.loop.training import Throughput, Training, train
from ftcore.machine.matmul import Rate
from ftcore.models import StepFlops
from ftcore.observer import Observer

Evaluate = Callable[[Dataset], dict[str, float]]
MatmulRate = Callable[[float], Rate]
"""The seconds that a training took to the best matrix-multiply rate of the machine at this moment."""


@dataclass(frozen=True)
class Job:
    """A training and what is done with its result.

    Attributes:
        learner: built, with its initial parameters.
        loss: the loss's definition.
        evaluate: gives the loss and metrics of a split.
        further: gives metrics that are too dear for every evaluation, of the result alone; None where there are none.
        train_at: gives the training examples as a step's number sees them; None where every step sees the same.
        splits: "train", and where given "validation" and "test".
        plan: the training in steps.
        write_model: writes the result of a step into a folder; returns notes for the user.
        flops: counts the operations of a step; None where nothing does.
        matmul_rate: measures what the machine can do; None where nothing does.
        most_skipped: steps in a row that may be not finite.
        about: fields of result.json that are known beforehand.
    """

    learner: Learner
    loss: Loss
    evaluate: Evaluate
    splits: Mapping[str, Dataset]
    plan: TrainingPlan
    write_model: Callable[[Path, int], Sequence[str]]
    flops: StepFlops | None = None
    matmul_rate: MatmulRate | None = None
    most_skipped: int = 0
    further: Evaluate | None = None
    train_at: Callable[[int], Dataset] | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


def execute(job: Job, folder: Path, resume: bool, observer: Observer) -> Run:
    """Train, test, write the model, then result.json: a folder without it is not finished."""
    if resume and (folder / "result.json").is_file():
        observer.note(f"{folder} is finished: nothing to resume")
        return Run(folder)
    began = time.perf_counter()
    checkpoints = Checkpoints(folder / "checkpoints")
    progress = _restored(job.learner, checkpoints) if resume else Progress()
    journal = Journal(folder / "metrics.jsonl", progress.step, job.most_skipped)
    evaluated: dict[int, dict[str, float]] = {}

    def validate() -> dict[str, float]:
        evaluated[progress.step] = job.evaluate(job.splits["validation"])
        return evaluated[progress.step]

    throughput = train(
        Training(
            learner=job.learner,
            loss=job.loss,
            train=job.splits["train"],
            train_at=job.train_at,
            evaluate=validate if "validation" in job.splits else None,
            plan=job.plan,
            flops=job.flops,
            journal=journal,
            checkpoints=checkpoints,
            observer=observer,
        ),
        progress,
    )
    metrics = _final_metrics(job, journal, progress, observer, evaluated)
    notes = list(job.write_model(folder / "model", _kept_step(job, progress)))
    for note in notes:
        observer.note(note)
    seconds = time.perf_counter() - began
    write_json(folder / "result.json", _result(job, progress, throughput, metrics, notes, seconds))
    # The best is in model/ now; the newest stays, so that a training can go on.
    checkpoints.keep_only({progress.step})
    return Run(folder)


def _restored(learner: Learner, checkpoints: Checkpoints) -> Progress:
    newest = checkpoints.newest()
    return Progress() if newest is None else checkpoints.restore(newest, learner)


def _kept_step(job: Job, progress: Progress) -> int:
    return progress.best_step if job.plan.keep == "best" and progress.best_step else progress.step


def _final_metrics(
    job: Job, journal: Journal, progress: Progress, observer: Observer, evaluated: Mapping[int, dict[str, float]]
) -> dict[str, dict[str, float]]:
    """Evaluate the kept parameters on validation, unless `evaluated` has them (by step), and, once, on test."""
    kept, found = _kept_step(job, progress), dict[str, dict[str, float]]()
    for split in ("validation", "test"):
        if split == "validation" and kept in evaluated:
            found[split] = evaluated[kept]
        elif split in job.splits:
            found[split] = job.evaluate(job.splits[split])
        if split in found and job.further is not None:
            observer.stage(f"generating for {split}")
            found[split] |= job.further(job.splits[split])
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
    """Return the operations on real tokens a second, what the machine could do, by which library, and the ratio."""
    if job.flops is None or job.matmul_rate is None or not throughput.flops:
        return dict.fromkeys(("flops_per_second", "matmul_flops_per_second", "matmul_library", "limit_share"))
    found, limit = throughput.per_second(throughput.flops), job.matmul_rate(throughput.seconds)
    return {
        "flops_per_second": round(found),
        "matmul_flops_per_second": round(limit.flops_per_second),
        "matmul_library": limit.library,
        "limit_share": round(found / limit.flops_per_second, 4),
    }

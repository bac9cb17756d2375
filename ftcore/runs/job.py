"""Builds the training job of a bound spec on a backend."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ftcore.contract import Backend, Learner
from ftcore.contract.optimizers.loss_scaling import MOST_SKIPPED
from ftcore.data import format_of
from ftcore.loop import Job, MatmulRate
from ftcore.machine.matmul import best_rate
from ftcore.observer import Observer
from ftcore.runs.before_training import notes_of_last_batch
from ftcore.runs.bound import Bound, Training
from ftcore.runs.choices import device_of, options_of
from ftcore.spec import spec_sha256


def job_of(
    bound: Bound,
    backend: Backend,
    observer: Observer,
    began_with: Mapping[str, Any] | None = None,
    few_steps: bool = False,
) -> Job:
    """Build the learner of a bound spec on a backend, and return its job.

    Args:
        bound: the bound spec.
        backend: the backend that runs it.
        observer: receives progress events.
        began_with: see `Program.began_with`.
        few_steps: see `Program.few_steps`.

    Raises:
        FtcoreError: the backend cannot run it, or the user's module fails.
    """
    options = options_of(bound.spec, backend.name)
    training = Training(bound.loss, bound.optimizer, bound.spec, bound.plan, options, began_with, few_steps)
    trainee = bound.network.build(backend, training, bound.data, observer)
    learner, objective, preparer = trainee.learner, bound.objective, bound.preparer
    for note in notes_of_last_batch(bound.plan, len(bound.data.train), learner) if bound.network.model is None else ():
        observer.note(note)
    train, others = trainee.splits["train"], {name: part for name, part in trainee.splits.items() if name != "train"}
    return Job(
        learner=learner,
        program=trainee.program,
        loss=bound.loss,
        evaluate=partial(objective.evaluated, learner),
        splits={"train": train, **{name: preparer.for_evaluation(part) for name, part in others.items()}},
        plan=bound.plan,
        write_model=partial(_write, bound, backend.name, learner),
        flops=bound.network.flops,
        matmul_rate=_matmul_rate(bound, backend),
        most_skipped=MOST_SKIPPED if getattr(bound.spec, "precision", "") == "float16" else 0,
        further=objective.judge(learner),
        train_at=preparer.train_at(train),
        notes_of_metrics=objective.notes_of_metrics,
        around_step=bound.network.around_step,
        about={
            "task": bound.task.name,
            "backend": backend.name,
            "versions": dict(backend.info().versions),
            "spec_sha256": spec_sha256(bound.spec),
            **bound.about,
        },
    )


def _matmul_rate(bound: Bound, backend: Backend) -> MatmulRate | None:
    """Return a function that measures the machine's matrix products; None if nothing can be measured."""
    if bound.network.flops is None or device_of(bound.spec, backend) != "cpu":
        return None
    return partial(best_rate, bound.matmul_shapes, bound.spec.threads)


def _write(bound: Bound, backend: str, learner: Learner, folder: Path, step: int) -> Sequence[str]:
    return bound.network.write(folder, learner, step, partial(_described, bound, backend))


def _described(bound: Bound, backend: str) -> dict[str, Any]:
    """Return the fields of ftcore.json that come neither from the network nor from its inputs."""
    spec, form = bound.spec, bound.task.target.stored_form(bound.data.form)
    return {
        **bound.objective.described(),
        "task": bound.task.name,
        "columns": {name: name for name in form} | spec.data.columns,
        **format_of(spec.data).model_dump(exclude_defaults=True),
        "loss": {"name": bound.loss.name, **vars(bound.loss)},
        "precision": spec.precision,
        "backend": backend,
    }

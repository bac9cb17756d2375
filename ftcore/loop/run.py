"""From a spec to a finished run."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ftcore import backend as backends
from ftcore.backend import Backend, Learner, Program
from ftcore.data.dataset import Dataset
from ftcore.data.prepare import PreparedData, prepare
from ftcore.data.tokenizer import Tokenizer
from ftcore.errors import ModelError
from ftcore.files import write_json, write_text
from ftcore.loop import environment
from ftcore.loop.choices import optimizer_of, resolve_loss
from ftcore.loop.execute import Job, execute
from ftcore.loop.observer import Observer, Silent
from ftcore.loop.plan import plan_training
from ftcore.loop.run_folder import Run, check_free
from ftcore.losses import Loss
from ftcore.models.folder import write_model
from ftcore.models.location import resolve
from ftcore.models.parameters import decay_exempt, trainable_names
from ftcore.models.plan import ModelPlan, plan_model
from ftcore.spec.model import ModelSpec
from ftcore.spec.task_spec import TaskSpec
from ftcore.spec.writing import dump_spec, spec_sha256
from ftcore.tasks import TASKS


def run(
    spec: TaskSpec,
    backend: str,
    folder: Path,
    base: Path,
    resume: bool = False,
    observer: Observer | None = None,
) -> Run:
    """Carry out a spec on a backend; everything is checked before the run folder is made.

    Args:
        spec: what to do.
        backend: a registered backend's name.
        folder: the run folder; absent or empty, or the same run's with `resume`.
        base: what the spec's relative paths are relative to.
        resume: go on from the newest checkpoint.
        observer: told what happens.

    Raises:
        FtcoreError: something is wrong with the spec, data, model, backend or folder.
    """
    observer = observer or Silent()
    check_free(folder, resume, spec_sha256(spec), backend)
    observer.stage(f"loading backend {backend}")
    implementation = backends.load(backend)
    observer.stage("reading data")
    data = prepare_data(spec, base, observer)
    observer.stage("loading model")
    task = TASKS[spec.task]
    plan = plan_model(spec.model, task.outputs(data.labels), spec.data.pair, spec.training.seed, base)
    for line in _about_model(plan):
        observer.note(line)
    _check_labels(plan, data.labels)
    loss = resolve_loss(spec.loss, task, data.labels, data.train.targets)
    learner = build_learner(implementation, spec, plan, loss)
    _begin_folder(folder, spec, base, implementation, data, plan)
    job = _job(spec, backend, implementation, learner, loss, data, plan)
    return execute(job, folder, resume, observer)


def prepare_data(spec: TaskSpec, base: Path, observer: Observer) -> PreparedData:
    """Read, check and tokenise the spec's data."""
    tokenizer = Tokenizer.load(tokenizer_folder(spec.model, base), spec.data.max_length)
    return prepare(spec.data, TASKS[spec.task], tokenizer, base, spec.training.seed, observer.note)


def tokenizer_folder(model: ModelSpec, base: Path) -> Path:
    """Return the folder that holds the model's tokenizer."""
    if model.from_scratch is not None:
        return resolve(model.from_scratch.tokenizer or model.from_scratch.architecture, None, base)
    return resolve(model.pretrained or "", model.revision, base)


def options_of(spec: TaskSpec, backend: str) -> dict[str, Any]:
    """Return the spec's options for one backend, with the threads that all share."""
    return {"threads": spec.threads or os.cpu_count(), **spec.backend.get(backend, {})}


def build_learner(backend: Backend, spec: TaskSpec, plan: ModelPlan, loss: Loss) -> Learner:
    """Build the learner of a spec and give it its initial parameters."""
    optimizer = optimizer_of(spec.optimizer)
    program = Program(
        network=plan.network,
        loss=loss,
        optimizer=optimizer,
        clip_norm=spec.training.clip_norm,
        trainable=trainable_names(spec.model.trainable, plan.network),
        decay_exempt=frozenset() if optimizer.decay_biases_and_norms else decay_exempt(plan.network),
        precision=spec.precision,
        seed=spec.training.seed,
        options=options_of(spec, backend.name),
    )
    learner = backend.build(program, spec.device)
    learner.load_tensors(plan.tensors)
    return learner


def _about_model(plan: ModelPlan) -> list[str]:
    lines = []
    if plan.new and plan.source is not None:
        lines.append(f"new parameters, drawn from the seed: {', '.join(plan.new)}")
    if plan.ignored:
        lines.append(f"in the checkpoint but not used: {', '.join(plan.ignored)}")
    return lines


def _check_labels(plan: ModelPlan, labels: Sequence[str]) -> None:
    if plan.labels is not None and plan.labels != list(labels):
        raise ModelError(
            f"the checkpoint's head has the labels {', '.join(plan.labels)}, the data {', '.join(labels)}: "
            "give data.labels in the checkpoint's order, or set model.replace_head: true for a new head"
        )


def _begin_folder(
    folder: Path, spec: TaskSpec, base: Path, backend: Backend, data: PreparedData, plan: ModelPlan
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    info = backend.info()
    device = info.devices[0] if spec.device == "auto" else spec.device
    described = environment.describe(
        info, spec_sha256(spec), device, spec.threads, spec.training.seed, data.files, plan.weights_sha256
    )
    write_json(folder / "environment.json", described)
    write_text(folder / "spec.yaml", dump_spec(spec, base, folder))
    if data.rejected_file is not None:
        shutil.copyfile(data.rejected_file, folder / "rejected.jsonl")


def _job(
    spec: TaskSpec,
    backend: str,
    implementation: Backend,
    learner: Learner,
    loss: Loss,
    data: PreparedData,
    plan: ModelPlan,
) -> Job:
    task = TASKS[spec.task]
    metric = spec.training.best.metric or task.metric
    mode = spec.training.best.mode or task.modes[metric]

    def write(folder: Path) -> Sequence[str]:
        about = _ftcore_json(spec, data.labels)
        return write_model(folder, plan, learner.tensors(), data.labels, task, spec.output.dtype, about)

    return Job(
        learner=learner,
        loss=loss,
        metrics=task.metrics,
        splits=_splits(data),
        plan=plan_training(spec.training, spec.schedule, spec.optimizer.learning_rate, len(data.train), metric, mode),
        write_model=write,
        about={
            "task": spec.task,
            "backend": backend,
            "versions": dict(implementation.info().versions),
            "spec_sha256": spec_sha256(spec),
            "labels": data.labels,
        },
    )


def _splits(data: PreparedData) -> Mapping[str, Dataset]:
    given = {"train": data.train, "validation": data.validation, "test": data.test}
    return {name: split for name, split in given.items() if split is not None}


def _ftcore_json(spec: TaskSpec, labels: Sequence[str]) -> dict[str, Any]:
    return {
        "task": spec.task,
        "labels": list(labels),
        "pair": spec.data.pair,
        "max_length": spec.data.max_length,
        "columns": spec.data.columns,
        "loss": None if spec.loss is None else spec.loss.model_dump(),
        "precision": spec.precision,
    }

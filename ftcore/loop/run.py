"""From a spec to a finished run."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from ftcore import backend as backends
from ftcore.backend import Backend, Learner, Program
from ftcore.data.numbers.store import VectorDataset
from ftcore.files import write_json, write_text
from ftcore.loop import environment
from ftcore.loop.binding import Bound, bind
from ftcore.loop.choices import options_of
from ftcore.loop.evaluation import evaluate
from ftcore.loop.execute import Job, MatmulRate, execute, known_beforehand
from ftcore.loop.language.binding import BoundLanguage, bind_language
from ftcore.loop.language.job import language_job
from ftcore.loop.module_run import BoundModule, bind_module, check_allowed, module_job
from ftcore.loop.observer import Observer, Silent
from ftcore.loop.run_folder import Run, began_with, check_free, told_of_options
from ftcore.matmul import best_rate
from ftcore.models.folder import write_model
from ftcore.models.parameters import decay_exempt
from ftcore.models.vectors import STANDARDIZATION
from ftcore.optimizers.loss_scaling import MOST_SKIPPED
from ftcore.spec.task_spec import TaskSpec
from ftcore.spec.writing import dump_spec, spec_sha256
from ftcore.tasks import LANGUAGE_TASKS
from ftcore.tasks.forms import marks_predicate

AnyBound = Bound | BoundModule | BoundLanguage


def run(
    spec: TaskSpec,
    backend: str,
    folder: Path,
    base: Path,
    resume: bool = False,
    observer: Observer | None = None,
    allow_code: bool = False,
) -> Run:
    """Carry out a spec on a backend; everything is checked before the run folder is made.

    Args:
        spec: what to do.
        backend: a registered backend's name.
        folder: the run folder; absent or empty, or the same run's with `resume`.
        base: what the spec's relative paths are relative to.
        resume: go on from the newest checkpoint.
        observer: told what happens.
        allow_code: whether the code of `model.module` may run.

    Raises:
        FtcoreError: something is wrong with the spec, data, model, backend or folder.
    """
    observer = observer or Silent()
    check_allowed(spec, base, allow_code)
    check_free(folder, resume, spec_sha256(spec), backend)
    observer.stage(f"loading backend {backend}")
    implementation = backends.load(backend)
    bound = bind_any(spec, base, observer)
    before = began_with(folder, resume)
    job = _job_of(bound, implementation, observer, before)
    for line in told_of_options(before, job.learner.options):
        observer.note(line)
    _begin_folder(folder, bound, base, implementation, job.learner.options)
    return execute(job, folder, resume, observer)


def bind_any(spec: TaskSpec, base: Path, observer: Observer) -> AnyBound:
    """Find, read and check everything that a spec names, whichever kind of network it trains."""
    if spec.task in LANGUAGE_TASKS:
        return bind_language(spec, base, observer)
    return (bind if spec.model.module is None else bind_module)(spec, base, observer)


def _job_of(bound: AnyBound, backend: Backend, observer: Observer, before: Mapping[str, Any] | None) -> Job:
    if isinstance(bound, BoundModule):
        return module_job(bound, backend, observer, before)
    learner = build_learner(backend, bound, before)
    measures = bound.flops is not None and _device(backend, bound.spec) == "cpu"
    matmul_rate = partial(best_rate, bound.matmul_shapes, bound.spec.threads) if measures else None
    if isinstance(bound, BoundLanguage):
        return language_job(bound, backend, learner, matmul_rate)
    return _job(bound, backend, learner, matmul_rate)


def build_learner(
    backend: Backend, bound: Bound | BoundLanguage, began_with: Mapping[str, Any] | None = None
) -> Learner:
    """Build what a spec trains, with its initial parameters; `began_with` as in a Program."""
    spec, network = bound.spec, bound.material.network
    program = Program(
        network=network,
        loss=bound.loss,
        optimizer=bound.optimizer,
        clip_norm=spec.training.clip_norm,
        trainable=bound.trainable,
        decay_exempt=frozenset() if bound.optimizer.decay_biases_and_norms else decay_exempt(network),
        precision=spec.precision,
        seed=spec.training.seed,
        options=options_of(spec, backend.name),
        began_with=began_with,
    )
    learner = backend.build(program, spec.device)
    learner.load_tensors(bound.material.tensors)
    return learner


def _begin_folder(folder: Path, bound: AnyBound, base: Path, backend: Backend, options: Mapping[str, Any]) -> None:
    spec = bound.spec
    folder.mkdir(parents=True, exist_ok=True)
    described = environment.describe(
        backend.info(),
        spec_sha256(spec),
        _device(backend, spec),
        spec.threads,
        spec.training.seed,
        bound.data.files,
        bound.hashes,
        options,
    )
    write_json(folder / "environment.json", described)
    write_text(folder / "spec.yaml", dump_spec(spec, base, folder))
    if bound.data.rejected_file is not None:
        shutil.copyfile(bound.data.rejected_file, folder / "rejected.jsonl")


def _job(bound: Bound, backend: Backend, learner: Learner, matmul_rate: MatmulRate | None) -> Job:
    spec, labels = bound.spec, bound.data.labels

    def write(folder: Path, step: int) -> Sequence[str]:
        about, tensors = _ftcore_json(bound, backend.name), bound.material.whole(learner.tensors(), step)
        return write_model(folder, bound.model, tensors, labels, bound.task, spec.output.dtype, about)

    return Job(
        learner=learner,
        loss=bound.loss,
        evaluate=partial(evaluate, learner, loss=bound.loss, metrics=bound.task.metrics),
        splits=bound.material.splits,
        plan=bound.plan,
        write_model=write,
        flops=bound.flops,
        most_skipped=MOST_SKIPPED if spec.precision == "float16" else 0,
        matmul_rate=matmul_rate,
        about=known_beforehand(spec.task, spec, backend, labels),
    )


def _device(backend: Backend, spec: TaskSpec) -> str:
    return backend.info().devices[0] if spec.device == "auto" else spec.device


def _ftcore_json(bound: Bound, backend: str) -> dict[str, Any]:
    data = bound.spec.data
    of_words = {"label_subwords": data.label_subwords, "overlap": data.overlap} if bound.task.unit == "token" else {}
    of_predicates = {"mark_predicate": data.mark_predicate} if marks_predicate(bound.task.forms) else {}
    return {
        **({"max_length": data.max_length} if bound.task.reads == "tokens" else {}),
        **of_words,
        **_standardization(bound),
        **of_predicates,
        # Vectors are made of pairs as of triplets, whatever they were trained on.
        "columns": ({name: name for name in bound.data.form} if bound.task.unit != "vector" else {}) | data.columns,
        "loss": {"name": bound.loss.name, **vars(bound.loss)},
        "precision": bound.spec.precision,
        "backend": backend,
    }


def _standardization(bound: Bound) -> dict[str, Any]:
    train = bound.data.train
    if not isinstance(train, VectorDataset) or train.standardization is None:
        return {}
    return {STANDARDIZATION: asdict(train.standardization)}

"""From a spec to a finished run."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from ftcore.contract import Backend, Learner, Program
from ftcore.contract import discovery as backends
from ftcore.contract.optimizers.loss_scaling import MOST_SKIPPED
from ftcore.data.forms import marks_predicate
from ftcore.evaluation.logits import evaluate
from ftcore.files import write_json, write_text
from ftcore.inputs.images.processor import save_processor
from ftcore.inputs.series.channels import STANDARDIZATION
from ftcore.inputs.series.store import VectorDataset
from ftcore.loop import environment
from ftcore.loop.execute import Job, execute, known_beforehand
from ftcore.loop.run_folder import Run, check_free
from ftcore.machine.matmul import best_rate
from ftcore.models import DESCRIPTION, decay_exempt, write_model
from ftcore.observer import Observer, Silent
from ftcore.runs.binding import Bound, bind
from ftcore.runs.choices import options_of
from ftcore.runs.description import check_description
from ftcore.runs.heads import head_of
from ftcore.runs.language_binding import BoundLanguage, bind_language
from ftcore.runs.language_job import language_job
from ftcore.runs.module_run import BoundModule, bind_module, check_allowed, module_job
from ftcore.spec.task_spec import TaskSpec
from ftcore.spec.writing import dump_spec, spec_sha256
from ftcore.tasks import LANGUAGE_TASKS
from ftcore.text import copy_tokenizer

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
    job = _job_of(bound, implementation, observer)
    _begin_folder(folder, bound, base, implementation)
    return execute(job, folder, resume, observer)


def bind_any(spec: TaskSpec, base: Path, observer: Observer) -> AnyBound:
    """Find, read and check everything that a spec names, whichever kind of network it trains."""
    if spec.task in LANGUAGE_TASKS:
        return bind_language(spec, base, observer)
    return (bind if spec.model.module is None else bind_module)(spec, base, observer)


def _job_of(bound: AnyBound, backend: Backend, observer: Observer) -> Job:
    if isinstance(bound, BoundModule):
        return module_job(bound, backend, observer)
    learner = build_learner(backend, bound)
    return language_job(bound, backend, learner) if isinstance(bound, BoundLanguage) else _job(bound, backend, learner)


def build_learner(backend: Backend, bound: Bound | BoundLanguage) -> Learner:
    """Build what a spec trains, with its initial parameters."""
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
    )
    learner = backend.build(program, spec.device)
    learner.load_tensors(bound.material.tensors)
    return learner


def _begin_folder(folder: Path, bound: AnyBound, base: Path, backend: Backend) -> None:
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
    )
    write_json(folder / "environment.json", described)
    write_text(folder / "spec.yaml", dump_spec(spec, base, folder))
    if bound.data.rejected_file is not None:
        shutil.copyfile(bound.data.rejected_file, folder / "rejected.jsonl")


def _job(bound: Bound, backend: Backend, learner: Learner) -> Job:
    spec, labels = bound.spec, bound.data.labels
    measures = bound.flops is not None and _device(backend, spec) == "cpu"

    def write(folder: Path, step: int) -> Sequence[str]:
        model, head = bound.model, head_of(bound.task, bound.model.network.head.outputs, spec.data.pair)
        about, tensors = _ftcore_json(bound, backend.name), bound.material.whole(learner.tensors(), step)
        check_description(folder / DESCRIPTION, {**about, **head.facts(model.network)})
        problem_type, write_inputs = bound.task.problem_type, partial(_write_inputs, bound)
        return write_model(folder, model, tensors, head, spec.output.dtype, about, labels, problem_type, write_inputs)

    return Job(
        learner=learner,
        loss=bound.loss,
        evaluate=partial(evaluate, learner, loss=bound.loss, metrics=bound.task.metrics),
        splits=bound.material.splits,
        plan=bound.plan,
        write_model=write,
        flops=bound.flops,
        most_skipped=MOST_SKIPPED if spec.precision == "float16" else 0,
        matmul_rate=partial(best_rate, bound.matmul_shapes, spec.threads) if measures else None,
        about=known_beforehand(spec.task, spec, backend, labels),
    )


def _device(backend: Backend, spec: TaskSpec) -> str:
    return backend.info().devices[0] if spec.device == "auto" else spec.device


def _write_inputs(bound: Bound, folder: Path) -> None:
    """Write how inputs are prepared; vectors and arrays are ready."""
    if bound.task.reads == "tokens":
        copy_tokenizer(bound.model.tokenizer_folder, folder, bound.model.tokenizer_json)
    if bound.task.reads == "images":
        save_processor(bound.model, folder)


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
        "task": bound.task.name,
        "labels": bound.data.labels,
    }


def _standardization(bound: Bound) -> dict[str, Any]:
    train = bound.data.train
    if not isinstance(train, VectorDataset) or train.standardization is None:
        return {}
    return {STANDARDIZATION: asdict(train.standardization)}

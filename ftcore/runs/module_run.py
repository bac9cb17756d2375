"""A spec's run of the user's own module: the same data, loss, steps and loop, and no description of the network."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from ftcore.contract import Backend, Learner, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import Loss
from ftcore.data.dataset import Dataset
from ftcore.data.forms import marks_predicate
from ftcore.data.prepare import PreparedData
from ftcore.errors import ModelError, SpecError
from ftcore.evaluation.logits import evaluate
from ftcore.files import sha256
from ftcore.inputs.tokens.chosen_inputs import ChosenInputs
from ftcore.loop.execute import Job, known_beforehand
from ftcore.loop.plan import TrainingPlan
from ftcore.models import weights_file
from ftcore.observer import Observer
from ftcore.runs.binding import check_best, plan_steps, prepare_data
from ftcore.runs.choices import options_of, resolve_loss
from ftcore.runs.foreign import build_learner, tensors_writer
from ftcore.runs.module_source import ModuleSource, build_module, called, find_source
from ftcore.spec.task_spec import TaskSpec
from ftcore.targets.ready_labels import with_loss
from ftcore.tasks import TASKS, Task

PROBED = 2
"""Examples of train that a module is tried on before a run begins."""


@dataclass(frozen=True)
class BoundModule:
    """A spec with everything that it names found and checked, but for the module, whose code is not run yet.

    Attributes:
        spec: the spec.
        task: its task.
        data: read, checked and tokenised.
        source: where the module comes from.
        weights: the file of its tensors; None for those that its function gives.
        loss: the loss's definition.
        plan: the training in steps.
    """

    spec: TaskSpec
    task: Task
    data: PreparedData
    source: ModuleSource
    weights: Path | None
    loss: Loss
    plan: TrainingPlan

    @property
    def hashes(self) -> dict[str, str | None]:
        """What environment.json tells of the model's files."""
        weights = None if self.weights is None else sha256(self.weights)
        return {"weights_sha256": weights, "module_sha256": sha256(self.source.file)}


def check_allowed(spec: TaskSpec, base: Path, allow_code: bool) -> None:
    """Check that a spec runs no code that the user has not allowed.

    Raises:
        SpecError: it names a module, and that is not allowed.
    """
    if spec.model.module is None or allow_code:
        return
    file = find_source(spec.model.module, base).file
    raise SpecError(f"model.module: {spec.model.module} would run the code of {file}: read it, then give --allow-code")


def bind_module(spec: TaskSpec, base: Path, observer: Observer) -> BoundModule:
    """Find, read and check everything that a spec with `model.module` names; no code of the user is run.

    Args:
        spec: what to do.
        base: what its relative paths are relative to.
        observer: told what happens.

    Raises:
        FtcoreError: something is wrong with the spec or its data, or a file is not there.
    """
    task = TASKS[spec.task]
    source = find_source(str(spec.model.module), base)
    weights = None if spec.model.weights is None else weights_file(spec.model.weights, base)
    observer.stage("reading data")
    data = prepare_data(spec, base, observer)
    check_best(spec, data.labels)
    plan = plan_steps(spec, task, len(data.train), packs=False)
    loss = resolve_loss(spec.loss, data.labels, data.train.targets)
    return BoundModule(
        spec=spec,
        task=with_loss(task, loss),
        data=data,
        source=source,
        weights=weights,
        loss=loss,
        # A step stays whole by default: a module may couple its examples.
        plan=replace(plan, batching=spec.training.batching or "padded"),
    )


def module_job(bound: BoundModule, backend: Backend, observer: Observer) -> Job:
    """Run the module's code, try what it gives on a few examples, and return the training.

    Raises:
        ModelError: the code raises, or gives no module from tokens to as many logits as the task has outputs.
    """
    observer.stage("building module")
    spec, options = bound.spec, options_of(bound.spec, backend.name)
    backend.prepare_for_code(spec.training.seed, options["threads"])
    module = build_module(bound.source)
    _check_framework(bound.source, module, backend)
    splits = bound.data.splits if bound.task.reads == "arrays" else _of_tokens(bound, backend, module, observer)
    learner = build_learner(backend, module, bound.loss, spec.optimizer, spec.training, options, spec.device)
    _check_logits(bound, learner, splits["train"])
    for note in () if bound.weights is None else backend.load_weights(module, bound.weights):
        observer.note(note)
    return Job(
        learner=learner,
        loss=bound.loss,
        evaluate=partial(evaluate, learner, loss=bound.loss, metrics=bound.task.metrics),
        splits=splits,
        plan=bound.plan,
        write_model=tensors_writer(learner),
        about=known_beforehand(spec.task, spec, backend, bound.data.labels),
    )


def _check_framework(source: ModuleSource, module: object, backend: Backend) -> None:
    found = backends.for_module(module)
    if found != backend.name:
        raise ModelError(f"model.module: {source.text} gives a module of backend {found!r}: give --backend {found}")


def _of_tokens(bound: BoundModule, backend: Backend, module: object, observer: Observer) -> Mapping[str, Dataset]:
    """Return the splits with those inputs of tokens that the module takes."""
    names = backend.token_inputs(module)
    if "attention_mask" not in names:
        observer.note(f"{bound.source.text} takes no attention_mask: what it computes may depend on the padding")
    if marks_predicate(bound.task.forms) and "token_type_ids" not in names:
        raise ModelError(
            f"model.module: {bound.source.text} takes no token_type_ids, and these alone tell it which word is the "
            "predicate"
        )
    return {split: ChosenInputs(dataset, names) for split, dataset in bound.data.splits.items()}


def _check_logits(bound: BoundModule, learner: Learner, train: Dataset) -> None:
    """Compute a few examples, which also builds a module whose parameters are not there yet."""
    batch = train.batch(np.arange(min(PROBED, len(train))))
    outputs = called(bound.source.text, "its module", partial(learner.forward, batch, Want(logits=True)))
    of = batch.weights.shape if bound.task.unit == "token" else (batch.examples,)
    needed = (*of, bound.task.outputs(bound.data.labels))
    if outputs.logits.shape != needed:
        what = "examples" if bound.task.reads == "arrays" else "texts"
        raise ModelError(
            f"model.module: {bound.source.text} gives logits of shape {list(outputs.logits.shape)} for "
            f"{batch.examples} {what}, and the task needs {list(needed)}"
        )

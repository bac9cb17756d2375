"""Binds a spec: reads and checks its data, model, loss and steps before the first step, without a backend."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ftcore.data import Asked, PreparedData, prepare
from ftcore.errors import ModelError
from ftcore.inputs import Preparer, Request
from ftcore.loop import TrainingPlan, check_batching, couples, plan_training
from ftcore.models import HeadKind, ModelPlan, described, module_of, parts_of, trainable_names
from ftcore.observer import Observer
from ftcore.runs.before_training import check_last_batch, check_something_counts, notes_of_compared
from ftcore.runs.bound import Bound, BoundNetwork
from ftcore.runs.choices import optimizer_of, resolve_loss
from ftcore.runs.described_network import DescribedNetwork, Material
from ftcore.runs.head_labels import check_head_labels
from ftcore.runs.network_source import SpecNetwork
from ftcore.runs.own_module import spec_module
from ftcore.runs.resources import check_parameters
from ftcore.runs.splitting import with_splitting
from ftcore.spec import TaskSpec, generation_of
from ftcore.targets import Known, Objective
from ftcore.tasks import TASKS, Task

BLOCK = re.compile(r"\.\d+\.")
"""Matches the number of a block in a parameter's name."""


def bind(spec: TaskSpec, base: Path, observer: Observer) -> Bound:
    """Find, read and check everything that a spec names; no user code is run.

    Args:
        spec: the spec.
        base: the folder of its relative paths.
        observer: receives progress events.

    Raises:
        FtcoreError: something is wrong with the spec, its data or its model.
    """
    spec = with_splitting(spec)
    for note in spec.notes:
        observer.note(note)
    task = TASKS[spec.task]
    source = SpecNetwork(spec, task.input, base)
    _check_fits(spec, base)
    preparer = _preparer(spec, task, source, base)
    data = _prepared(spec, task, preparer, base, observer)
    loss = resolve_loss(spec.loss, data.labels, data.train.targets)
    head = task.target.head(data.labels, task.input.pair(spec.data))
    own = module_of(spec.model) is not None
    observer.stage("loading model")
    model = None if own else _fitted(source.planned(head), preparer, data, spec)
    known = Known(data.labels, loss, preparer, model, vars(spec.data), generation_of(spec))
    objective = task.target.objective(known)
    objective.check(data)
    check_something_counts(data, preparer, loss)
    plan = _plan(spec, objective, data, model)
    check_last_batch(plan, data, None if model is None else model.network)
    optimizer = optimizer_of(spec.optimizer)
    if model is None:
        network: BoundNetwork = spec_module(spec, base, preparer, head.outputs)
    else:
        model = objective.initialized(model, data.train)
        network = _described(spec, task, model, head, preparer, data, plan)
        _tell(network, preparer, observer)
    compared = notes_of_compared(plan, len(data.train), loss)
    for note in (*preparer.notes(spec.data, base), *objective.notes(data), *compared):
        observer.note(note)
    return Bound(spec, task, data, preparer, objective, network, optimizer, plan, objective.about(data))


def _check_fits(spec: TaskSpec, base: Path) -> None:
    """Check that the values of the network fit into memory, if one folder describes it.

    Raises:
        ModelError: they do not.
    """
    if module_of(spec.model) is not None or any(parts_of(spec.model)):
        return
    try:
        architecture = described(spec.model, base)[1]
    except ModelError:
        return  # A folder that cannot be read is refused where it is read, with what the task needs of it.
    check_parameters(architecture, spec.precision)


def prepare_data(spec: TaskSpec, base: Path, observer: Observer) -> PreparedData:
    """Read, check and prepare a spec's data."""
    spec = with_splitting(spec)
    task = TASKS[spec.task]
    preparer = preparer_of(spec, base)
    return _prepared(spec, task, preparer, base, observer)


def preparer_of(spec: TaskSpec, base: Path) -> Preparer:
    """Return the preparer of a spec's examples."""
    task = TASKS[spec.task]
    return _preparer(spec, task, SpecNetwork(spec, task.input, base), base)


def _preparer(spec: TaskSpec, task: Task, source: SpecNetwork, base: Path) -> Preparer:
    own = module_of(spec.model) is not None
    request = Request(task.name, spec.data, spec.model, spec.loss.name, spec.training.seed, base, source, own)
    return task.input.preparer(request)


def _prepared(spec: TaskSpec, task: Task, preparer: Preparer, base: Path, observer: Observer) -> PreparedData:
    observer.stage("reading data")
    asked = Asked(task.target, task.input.forms, task.input.pair(spec.data))
    labels: Sequence[str] | None = getattr(spec.data, "labels", None)
    loader, seed = preparer.loader(base, observer.note), spec.training.seed
    return prepare(loader, asked, spec.data, labels, seed, observer.note, preparer.settled)


def _fitted(model: ModelPlan, preparer: Preparer, data: PreparedData, spec: TaskSpec) -> ModelPlan:
    """Return the model adapted to its examples, and checked against the data and the spec."""
    found = preparer.fitted(model, spec.training.seed)
    notes = check_head_labels(found, data.labels, getattr(spec.data, "labels", None) is not None)
    preparer.check_model(found)
    return replace(found, notes=(*found.notes, *notes))


def _described(
    spec: TaskSpec,
    task: Task,
    model: ModelPlan,
    head: HeadKind,
    preparer: Preparer,
    data: PreparedData,
    plan: TrainingPlan,
) -> DescribedNetwork:
    trainable, optimizer = trainable_names(spec.model.trainable, model.network), optimizer_of(spec.optimizer)
    short, rates = preparer.shortened(model, data.splits, trainable, optimizer), plan.learning_rates
    if short is None:
        material = Material(model.network, model.tensors, data.splits, None, optimizer, rates)
    else:
        lean, splits = short
        material = Material(lean.network, lean.shorten(model.tensors), splits, lean, optimizer, rates)
    return DescribedNetwork(spec, task, model, head, preparer, data.labels, material, trainable)


def _plan(spec: TaskSpec, objective: Objective, data: PreparedData, model: ModelPlan | None) -> TrainingPlan:
    network, best = None if model is None else model.network, spec.training.best
    check_batching(spec.training, objective.loss, network)
    judged = objective.best_metric(best.metric, best.mode, data)
    packs = network is not None and network.architecture.packs
    # A step of the user's own module is not split by default, because the module may couple the examples.
    return plan_training(
        spec.training,
        spec.schedule,
        spec.optimizer.learning_rate,
        len(data.train),
        packs,
        judged.name,
        judged.mode,
        couples(objective.loss, network) or network is None,
    )


def _tell(network: DescribedNetwork, preparer: Preparer, observer: Observer) -> None:
    for line in told_of_model(network.model):
        observer.note(line)
    for line in preparer.notes_of_training(network.model.network, network.trainable):
        observer.note(line)


def told_of_model(model: ModelPlan) -> list[str]:
    """Return notes for the user about a model: what was recognised, drawn from the seed, or not used."""
    lines = list(model.notes)
    if model.new and model.source is not None:
        lines.append(f"new parameters, drawn from the seed: {listed_names(model.new)}")
    if model.ignored:
        lines.append(f"in the checkpoint but not used: {listed_names(model.ignored)}")
    return lines


def listed_names(names: Sequence[str]) -> str:
    """Return names on one line, with the names of all blocks as one: "layer.*.output.weight"."""
    return ", ".join(dict.fromkeys(BLOCK.sub(".*.", name) for name in names))

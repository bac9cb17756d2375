"""Everything that a run settles before its first step, without a backend: data, model, loss, steps."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftcore.contract.losses import Loss
from ftcore.contract.network import Architecture, Network, Transformer
from ftcore.contract.optimizers import Optimizer
from ftcore.data.forms import marks_predicate
from ftcore.data.prepare import PreparedData, Preparer, prepare
from ftcore.errors import ModelError, SpecError
from ftcore.inputs.arrays.shapes import array_inputs
from ftcore.inputs.fit import check_input
from ftcore.inputs.images.processor import processor_from_scratch, read_processor
from ftcore.inputs.series.channels import vector_input
from ftcore.loop.plan import TrainingPlan, plan_training
from ftcore.machine.matmul import Shape
from ftcore.models import (
    DESCRIPTION,
    ModelPlan,
    StepFlops,
    described,
    matmul_shapes,
    plan_model,
    trainable_names,
    training_flops,
    with_added_tokens,
)
from ftcore.observer import Observer
from ftcore.runs.choices import optimizer_of, resolve_loss
from ftcore.runs.description import description_of, read_description
from ftcore.runs.heads import head_of
from ftcore.runs.material import Material, material_of
from ftcore.runs.tokenizer_folders import tokenizer_folder
from ftcore.spec.task_spec import TaskSpec
from ftcore.spec.training import TrainingSpec
from ftcore.targets.initial_head import with_initial_head
from ftcore.targets.ready_labels import with_loss
from ftcore.targets.similarity_checks import check_data, vector_plan
from ftcore.targets.spans import SPAN_METRICS, has_spans
from ftcore.tasks import TASKS, AnyTask, Task
from ftcore.text import Tokenizer

SHOWN = 5
"""Labels that an error shows."""
BLOCK = re.compile(r"\.\d+\.")
"""The number of a block in a parameter's name."""
SEGMENTS = 2
"""Token types that tell a predicate from other words."""


@dataclass(frozen=True)
class Bound:
    """A spec with everything that it names found and checked.

    Attributes:
        spec: the spec.
        task: its task.
        data: read, checked and prepared.
        model: the network with a value for every parameter.
        material: what a backend is given of model and data.
        trainable: names of the trained parameters; None means all.
        loss: the loss's definition.
        plan: the training in steps.
    """

    spec: TaskSpec
    task: Task
    data: PreparedData
    model: ModelPlan
    material: Material
    trainable: frozenset[str] | None
    loss: Loss
    optimizer: Optimizer
    plan: TrainingPlan

    @property
    def hashes(self) -> dict[str, str | None]:
        """What environment.json tells of the model's files."""
        return {"weights_sha256": self.model.weights_sha256}

    @property
    def flops(self) -> StepFlops | None:
        """What counts a step's operations; None where that is not known.

        A frozen part saves an unknown share, and what a residual network costs depends on the size of its images.
        """
        return None if self.trainable is not None else training_flops(self.model.network)

    @property
    def matmul_shapes(self) -> list[Shape]:
        """The large matrix products of a step of average length."""
        train, batch = self.data.train, min(self.plan.batch_size, len(self.data.train))
        tokens = self.model.network.image_tokens * batch or train.tokens * batch // len(train)
        return matmul_shapes(self.model.network, max(tokens, 1))


def bind(spec: TaskSpec, base: Path, observer: Observer) -> Bound:
    """Find, read and check everything that a spec names.

    Args:
        spec: what to do.
        base: what its relative paths are relative to.
        observer: told what happens.

    Raises:
        FtcoreError: something is wrong with the spec, its data or its model.
    """
    task = TASKS[spec.task]
    observer.stage("reading data")
    preparer = _preparer(spec, base)
    data = prepare(spec.data, task, preparer, base, spec.training.seed, observer.note)
    check_best(spec, data.labels)
    loss = resolve_loss(spec.loss, data.labels, data.train.targets)
    if task.unit == "vector":
        check_data(data, loss)
    observer.stage("loading model")
    model = plan_model(
        spec.model,
        head_of(task, task.outputs(data.labels), spec.data.pair),
        spec.training.seed,
        base,
        tokenizer_folder(spec, base) if task.reads == "tokens" else None,
        description=description_of(spec.model, base),
    )
    if isinstance(preparer, Tokenizer):
        model = with_added_tokens(model, preparer.stored, preparer.added, spec.training.seed)
    train = data.train
    model = with_initial_head(model, task, train.targets if train.words is None else train.words)
    _check_labels(model, data.labels)
    if task.reads == "tokens":
        _check_length(model, spec.data.max_length)
    check_batching(model, spec.training)
    for line in told_of_model(model):
        observer.note(line)
    trainable = trainable_names(spec.model.trainable, model.network)
    if isinstance(preparer, Tokenizer):
        for line in told_of_untrained(model.network, preparer.added, trainable):
            observer.note(line)
    optimizer = optimizer_of(spec.optimizer)
    plan = plan_steps(spec, task, len(data.train), model.network.architecture.packs)
    if task.unit == "vector":
        plan = vector_plan(plan, spec.training, data, loss)
    return Bound(
        spec=spec,
        task=with_loss(task, loss),
        data=data,
        model=model,
        material=material_of(model, data, trainable, optimizer, plan.learning_rates),
        trainable=trainable,
        loss=loss,
        optimizer=optimizer,
        plan=plan,
    )


def check_best(spec: TaskSpec, labels: Sequence[str]) -> None:
    """Check that the metric that tells the best evaluation is there for these labels.

    Raises:
        SpecError: it is one of spans, and the tags have none.
    """
    if spec.training.best.metric in SPAN_METRICS and not has_spans(labels):
        raise SpecError(
            f"training.best.metric: {spec.training.best.metric} is for tags O, B-TYPE and I-TYPE, and the data has "
            f"{', '.join(labels[:SHOWN])}{' ...' if len(labels) > SHOWN else ''}"
        )


def prepare_data(spec: TaskSpec, base: Path, observer: Observer) -> PreparedData:
    """Read, check and prepare a spec's data."""
    return prepare(spec.data, TASKS[spec.task], _preparer(spec, base), base, spec.training.seed, observer.note)


def _preparer(spec: TaskSpec, base: Path) -> Preparer:
    reads = TASKS[spec.task].reads
    if reads == "arrays":
        architecture = None if spec.model.module else described(spec.model, base)[1]
        return array_inputs(architecture, spec.loss.name)
    if spec.model.module is not None:
        return _tokenizer(spec, base)
    folder, architecture = described(spec.model, base)
    check_input(folder, architecture, reads)
    if reads == "tokens":
        _check_segment(spec, architecture)
        return _tokenizer(spec, base)
    if reads == "vectors":
        description = {} if spec.model.pretrained is None else read_description(folder) or {}
        return vector_input(architecture, folder / DESCRIPTION, description)
    return (read_processor if spec.model.from_scratch is None else processor_from_scratch)(folder, architecture)


def _tokenizer(spec: TaskSpec, base: Path) -> Tokenizer:
    mark = spec.data.mark_predicate if marks_predicate(TASKS[spec.task].forms) else None
    return Tokenizer.load(tokenizer_folder(spec, base), spec.data.max_length, mark)


def _check_segment(spec: TaskSpec, architecture: Architecture) -> None:
    body = architecture.body
    if not marks_predicate(TASKS[spec.task].forms) or spec.data.mark_predicate != "segment":
        return
    if not isinstance(body, Transformer) or body.token_types < SEGMENTS:
        raise ModelError(
            f"data.mark_predicate: segment needs {SEGMENTS} token types, which this {architecture.family} has not: "
            "give markers"
        )


def plan_steps(spec: TaskSpec, task: AnyTask, examples: int, packs: bool) -> TrainingPlan:
    """Return a spec's training in steps; `packs`: whether the network computes packed examples exactly."""
    metric = spec.training.best.metric or task.metric
    mode = spec.training.best.mode or task.modes[metric]
    return plan_training(spec.training, spec.schedule, spec.optimizer.learning_rate, examples, packs, metric, mode)


def _check_labels(model: ModelPlan, labels: Sequence[str]) -> None:
    if model.labels is not None and model.labels != list(labels):
        raise ModelError(
            f"the checkpoint's head has the labels {', '.join(model.labels)}, the data {', '.join(labels)}: "
            "give data.labels in the checkpoint's order, or set model.replace_head: true for a new head"
        )


def _check_length(model: ModelPlan, max_length: int) -> None:
    body = model.network.architecture.body
    if isinstance(body, Transformer) and max_length > body.longest:
        raise SpecError(f"data.max_length: given {max_length}, and the model has {body.longest} positions: lower it")


def check_batching(model: ModelPlan, training: TrainingSpec) -> None:
    """Raise SpecError where a step's examples cannot lie as the spec says."""
    architecture = model.network.architecture
    if model.network.couples_examples and training.micro_batch_size is not None:
        raise SpecError(
            f"training.micro_batch_size: given {training.micro_batch_size}, and {architecture.family} has batch "
            "normalization, which couples the examples of a batch: leave it out"
        )
    if training.batching == "packed" and not architecture.packs:
        raise SpecError(
            f"training.batching: given packed, which is not exact for {architecture.family}; allowed: sorted, padded"
        )


def told_of_model(model: ModelPlan) -> list[str]:
    """Return what a user should know of a model: what was recognised, drawn and not used."""
    lines = list(model.notes)
    if model.new and model.source is not None:
        lines.append(f"new parameters, drawn from the seed: {listed_names(model.new)}")
    if model.ignored:
        lines.append(f"in the checkpoint but not used: {listed_names(model.ignored)}")
    return lines


def told_of_untrained(network: Network, added: Iterable[str], trainable: frozenset[str] | None) -> list[str]:
    """Return what a user should know of added tokens whose rows, drawn from the seed, no step changes."""
    table, tokens = network.architecture.token_table, ", ".join(added)
    if not tokens or table is None or trainable is None or table.name in trainable:
        return []
    return [
        f"model.trainable leaves {table.name} out: the rows of {tokens} stay as they are drawn; list it there to train "
        "it, or give data.mark_predicate: segment"
    ]


def listed_names(names: Sequence[str]) -> str:
    """Return names in a line, those of all blocks as one: "layer.*.output.weight"."""
    return ", ".join(dict.fromkeys(BLOCK.sub(".*.", name) for name in names))

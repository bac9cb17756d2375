"""`ftcore.finetune`: fine-tunes a module of the user's own on arrays of inputs and labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from ftcore.contract import discovery
from ftcore.contract.losses import LOSSES, Loss
from ftcore.data import PreparedData, Splits, held_out
from ftcore.errors import SpecError
from ftcore.inputs import Preparer
from ftcore.inputs.arrays import ArrayDataset, numbers_as_labels, outputs_of, targets_of
from ftcore.loop import Run, check_free, default_folder, execute, plan_training
from ftcore.observer import Observer, Silent
from ftcore.parts import SpecPart, dotted
from ftcore.runs.bound import Bound
from ftcore.runs.choices import optimizer_of, resolve_loss
from ftcore.runs.job import job_of
from ftcore.runs.own_module import GivenModule, check_outputs
from ftcore.runs.run import begin_folder
from ftcore.spec import VERSION, LossSpec, OptimizerSpec, ScheduleSpec, TrainingSpec, mistakes, show, with_names
from ftcore.targets import Known
from ftcore.tasks import ARRAYS, TASKS

Inputs = np.ndarray | Mapping[str, np.ndarray] | Sequence[np.ndarray]
Choice = str | Mapping[str, Any]


class FinetuneSpec(SpecPart):
    """The arguments of `finetune`; the run folder keeps them as spec.yaml."""

    task: str = ARRAYS
    module: str
    weights: str | None = None
    loss: LossSpec
    optimizer: OptimizerSpec
    schedule: ScheduleSpec
    training: TrainingSpec
    device: str = "auto"
    threads: int | None = Field(None, ge=1)


def finetune(
    module: object,
    inputs: Inputs,
    labels: np.ndarray | Sequence[Any],
    *,
    weights: str | Path | None = None,
    loss: Choice = "cross-entropy",
    optimizer: Choice = "adam",
    learning_rate: float = 1e-3,
    schedule: Choice = "constant",
    epochs: float | None = None,
    max_steps: int | None = None,
    batch_size: int = 32,
    micro_batch_size: int | None = None,
    clip_norm: float | None = None,
    validation: float | tuple[Inputs, Any] | None = None,
    keep: Literal["best", "last"] = "last",
    seed: int = 0,
    device: str = "auto",
    threads: int | None = None,
    output: str | Path | None = None,
    observer: Observer | None = None,
) -> Run:
    """Train a torch.nn.Module or keras.Model in place, with the same loop, losses and optimizers as a run of a spec.

    Args:
        module: returns logits [examples, outputs] (a tensor, a tuple that starts with it, or an object
            with `.logits`); training starts from its own parameters, unless `weights` is given.
        weights: a file whose tensors are loaded into the module first, as by `ftcore.load_weights`.
        inputs: an array [examples, ...], a dict of arrays (passed by name) or a list of arrays (by position).
        labels: int [examples] for cross-entropy, else float [examples] or [examples, outputs].
        loss: name of a loss, or {"name": ..., its fields}.
        optimizer: name of an optimizer, or {"name": ..., its fields}.
        learning_rate: the peak learning rate, unless `optimizer` has one.
        schedule: name of a schedule, or {"name": ..., its fields}.
        epochs: passes over the examples, default 3; excludes `max_steps`.
        max_steps: number of optimizer steps.
        batch_size: examples per step.
        micro_batch_size: splits a step to save memory; the result is the same within rounding.
        clip_norm: bound of the global gradient norm; None for no clipping.
        validation: a fraction of the examples held out by seed (stratified by class), or (inputs, labels) of the
            same shape but for the number of examples.
        keep: "best" leaves the module with the parameters of the lowest validation loss.
        seed: seed of order, split and dropout.
        device: auto, cpu, or a device of the backend.
        threads: CPU threads; default: all cores.
        output: the run folder; default: the first free one of runs/finetune, runs/finetune-2, ...
        observer: receives progress events.

    Returns:
        The run; the module holds the trained parameters.

    Raises:
        FtcoreError: an argument is wrong; the message names it.
    """
    spec = _spec(
        module=type(module).__qualname__,
        weights=None if weights is None else str(weights),
        loss=loss,
        optimizer=_with_learning_rate(optimizer, learning_rate),
        schedule=schedule,
        training={
            "epochs": epochs,
            "max_steps": max_steps,
            "batch_size": batch_size,
            "micro_batch_size": micro_batch_size,
            "clip_norm": clip_norm,
            "keep": keep,
            "seed": seed,
        },
        device=device,
        threads=threads,
    )
    backend = discovery.load(discovery.for_module(module))
    splits, definition = _splits(spec, inputs, labels, validation)
    folder = Path(output) if output is not None else default_folder("finetune", resume=False)
    check_free(folder, False, lambda: None)
    bound = _bound(spec, GivenModule(module, None if weights is None else Path(weights)), definition, splits)
    observer = observer or Silent()
    job = job_of(bound, backend, observer)
    for name, split in splits.items():
        check_outputs(job.learner, name, split, definition)
    begin_folder(folder, bound, backend, job.learner.options, _yaml(spec))
    return execute(job, folder, False, observer)


def _spec(**fields: Any) -> FinetuneSpec:
    try:
        return FinetuneSpec.model_validate(with_names(fields))
    except ValidationError as error:
        found = [f"finetune: {dotted(place)}: {text}" for place, text in mistakes(error, fields)]
        raise SpecError("\n".join(found)) from None


def _with_learning_rate(optimizer: Choice, learning_rate: float) -> dict[str, Any]:
    if isinstance(optimizer, Mapping):
        return {"learning_rate": learning_rate, **optimizer}
    return {"name": optimizer, "learning_rate": learning_rate}


def _splits(
    spec: FinetuneSpec, inputs: Inputs, labels: Any, validation: float | tuple[Inputs, Any] | None
) -> tuple[dict[str, ArrayDataset], Loss]:
    if LOSSES[spec.loss.name].labels == "made":
        tasks = [
            name for name, task in TASKS.items() if any(loss.name == spec.loss.name for loss in task.target.losses)
        ]
        raise SpecError(f"loss: {spec.loss.name} is for the task {' and '.join(tasks)} of a spec, not for a module")
    whole = ArrayDataset(inputs, targets_of(labels, spec.loss.name))
    definition = resolve_loss(spec.loss, _names(whole.targets), whole.targets)
    if validation is None:
        return {"train": whole}, definition
    if isinstance(validation, tuple) and len(validation) == 2:
        held = ArrayDataset(validation[0], targets_of(validation[1], spec.loss.name))
        return {"train": whole, "validation": held}, definition
    if not isinstance(validation, float) or not 0 < validation < 1:
        raise SpecError(
            f"finetune: validation: given {show(validation)}; allowed: a number above 0 and below 1, a tuple of inputs "
            "and labels, or None"
        )
    strata = whole.targets if whole.targets.ndim == 1 else None
    kept_ids, held_ids = held_out(len(whole), validation, spec.training.seed, strata, "validation")
    return {"train": whole.subset(kept_ids), "validation": whole.subset(held_ids)}, definition


def _names(targets: np.ndarray) -> list[str]:
    return numbers_as_labels(outputs_of(targets))


def _bound(spec: FinetuneSpec, network: GivenModule, loss: Loss, splits: Splits) -> Bound:
    """Return the arguments as a bound spec, with arrays in memory instead of files."""
    task, preparer = TASKS[ARRAYS], Preparer()
    objective = task.target.objective(Known([], loss, preparer))
    data = PreparedData(splits, [], (), {}, {}, {}, None)
    plan = plan_training(
        spec.training, spec.schedule, spec.optimizer.learning_rate, len(splits["train"]), False, "loss", "min"
    )
    optimizer = optimizer_of(spec.optimizer)
    return Bound(spec, task, data, preparer, objective, network, optimizer, plan, objective.about(data))


def _yaml(spec: FinetuneSpec) -> str:
    import yaml

    return yaml.safe_dump({"version": VERSION, **spec.model_dump(mode="json")}, sort_keys=False)

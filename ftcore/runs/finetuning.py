"""The shortest way from "I have a pretrained module, inputs and labels" to a fine-tuned one."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from ftcore.contract import Backend, Learner
from ftcore.contract import discovery as backends
from ftcore.contract.losses import Loss
from ftcore.contract.losses.vectors import OF_VECTORS
from ftcore.data.dataset import Dataset
from ftcore.data.split import held_out
from ftcore.errors import SpecError
from ftcore.evaluation.logits import evaluate
from ftcore.files import sha256, write_json, write_text
from ftcore.inputs.arrays.dataset import ArrayDataset
from ftcore.inputs.arrays.labels import outputs_of, targets_of
from ftcore.loop import environment
from ftcore.loop.execute import Job, execute, known_beforehand
from ftcore.loop.plan import plan_training
from ftcore.loop.run_folder import Run, check_free, default_folder
from ftcore.observer import Observer, Silent
from ftcore.parts import SpecPart, dotted
from ftcore.runs.choices import resolve_loss
from ftcore.runs.foreign import build_learner, tensors_writer
from ftcore.spec.choices import LossSpec, OptimizerSpec, ScheduleSpec, with_names
from ftcore.spec.mistakes import mistakes
from ftcore.spec.training import TrainingSpec
from ftcore.spec.writing import spec_sha256
from ftcore.targets.loss_metrics import for_loss
from ftcore.targets.ready_labels import numbers_as_labels

Inputs = np.ndarray | Mapping[str, np.ndarray] | Sequence[np.ndarray]
Choice = str | Mapping[str, Any]


class FinetuneSpec(SpecPart):
    """What `finetune` was asked for; the run folder keeps it as spec.yaml."""

    task: Literal["tensors"] = "tensors"
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
    """Train a torch.nn.Module or keras.Model in place, by the same loop, losses and optimizers as a spec's run.

    Args:
        module: returns logits [examples, outputs] (a tensor, a tuple that starts with it, or an object
            with `.logits`); its own initial parameters are used, unless there are
        weights: a file whose tensors are put into it first, as by `ftcore.load_weights`.
        inputs: an array [examples, ...], a dict of arrays (passed by name) or a list of arrays (by position).
        labels: int [examples] for cross-entropy, else float [examples] or [examples, outputs].
        loss: a loss's name, or {"name": ..., its fields}.
        optimizer: an optimizer's name, or {"name": ..., its fields}.
        learning_rate: the peak, unless `optimizer` names one.
        schedule: a schedule's name, or {"name": ..., its fields}.
        epochs: passes over the examples, default 3; or
        max_steps: optimizer steps.
        batch_size: examples a step.
        micro_batch_size: splits a step for memory; the same result within rounding.
        clip_norm: global gradient norm, None for no clipping.
        validation: a fraction of the examples held out by seed (in proportion of the classes), or (inputs, labels).
        keep: "best" leaves the module with the parameters of the lowest validation loss.
        seed: of order, split and dropout.
        device: auto, cpu, or a device of the backend.
        threads: CPU threads; default: every core.
        output: the run folder; default: the first free of runs/finetune, runs/finetune-2, ...
        observer: told what happens.

    Returns:
        The run; the module holds the trained parameters.

    Raises:
        FtcoreError: something does not fit; says what.
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
    backend = backends.load(backends.for_module(module))
    splits, definition = _splits(spec, inputs, labels, validation)
    folder = Path(output) if output is not None else default_folder("finetune", resume=False)
    check_free(folder, False, spec_sha256(spec), backend.name)
    observer = observer or Silent()
    for note in () if weights is None else backend.load_weights(module, Path(weights)):
        observer.note(note)
    options = {} if spec.threads is None else {"threads": spec.threads}
    learner = build_learner(backend, module, definition, spec.optimizer, spec.training, options, spec.device)
    _begin_folder(folder, spec, backend)
    job = _job(spec, backend, learner, definition, splits)
    return execute(job, folder, False, observer)


def _spec(**fields: Any) -> FinetuneSpec:
    try:
        return FinetuneSpec.model_validate(with_names(fields))
    except ValidationError as error:
        found = [f"finetune: {dotted(place)}: {text}" for place, text in mistakes(error, fields)]
        raise SpecError("\n".join(found)) from None


def _with_learning_rate(optimizer: Choice, learning_rate: float) -> dict[str, Any]:
    given = {"name": optimizer} if isinstance(optimizer, str) else dict(optimizer)
    return {"learning_rate": learning_rate, **given}


def _splits(
    spec: FinetuneSpec, inputs: Inputs, labels: Any, validation: float | tuple[Inputs, Any] | None
) -> tuple[dict[str, Dataset], Loss]:
    if spec.loss.name in OF_VECTORS:
        raise SpecError(f"loss: {spec.loss.name} is for the task sentence-embedding of a spec, not for a module")
    whole = ArrayDataset(inputs, targets_of(labels, spec.loss.name))
    definition = resolve_loss(spec.loss, _names(whole.targets), whole.targets)
    if validation is None:
        return {"train": whole}, definition
    if isinstance(validation, tuple):
        held = ArrayDataset(validation[0], targets_of(validation[1], spec.loss.name))
        return {"train": whole, "validation": held}, definition
    strata = whole.targets if whole.targets.ndim == 1 else None
    kept_ids, held_ids = held_out(len(whole), validation, spec.training.seed, strata, "validation")
    return {"train": whole.subset(kept_ids), "validation": whole.subset(held_ids)}, definition


def _names(targets: np.ndarray) -> list[str]:
    return numbers_as_labels(outputs_of(targets))


def _begin_folder(folder: Path, spec: FinetuneSpec, backend: Backend) -> None:
    import yaml

    folder.mkdir(parents=True, exist_ok=True)
    info = backend.info()
    device = info.devices[0] if spec.device == "auto" else spec.device
    hashes = {"weights_sha256": None if spec.weights is None else sha256(Path(spec.weights))}
    described = environment.describe(
        info, spec_sha256(spec), device, spec.threads, spec.training.seed, data={}, hashes=hashes
    )
    write_json(folder / "environment.json", described)
    write_text(folder / "spec.yaml", yaml.safe_dump(spec.model_dump(mode="json"), sort_keys=False))


def _job(spec: FinetuneSpec, backend: Backend, learner: Learner, loss: Loss, splits: Mapping[str, Dataset]) -> Job:
    return Job(
        learner=learner,
        loss=loss,
        evaluate=partial(evaluate, learner, loss=loss, metrics=for_loss(loss)),
        splits=splits,
        plan=plan_training(
            spec.training, spec.schedule, spec.optimizer.learning_rate, len(splits["train"]), False, "loss", "min"
        ),
        write_model=tensors_writer(learner),
        about=known_beforehand(spec.task, spec, backend, labels=[]),
    )

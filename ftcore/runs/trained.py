"""A fine-tuned model, loaded for evaluation or prediction."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftcore.contract import Learner, Program
from ftcore.contract import discovery as backends
from ftcore.contract.losses import LOSSES, Loss
from ftcore.data.prepare import Preparer
from ftcore.errors import BackendError, DataError, ModelError
from ftcore.inputs.arrays.shapes import array_inputs
from ftcore.inputs.images.processor import read_processor
from ftcore.inputs.series.channels import vector_input
from ftcore.models import CONFIG, DESCRIPTION, LENGTH, ModelPlan, read_model, resolve
from ftcore.runs.description import describe, trained_head
from ftcore.spec.data import DataSpec
from ftcore.targets.ready_labels import with_loss
from ftcore.tasks import TASKS, Task
from ftcore.text import Tokenizer


@dataclass(frozen=True)
class Trained:
    """A fine-tuned model on a backend.

    Attributes:
        learner: holds its parameters.
        task, labels, loss: what it was trained for.
        preparer: its own tokenizer, how it says that images are prepared, or what vectors or arrays it takes.
        description: ftcore.json's content, or what its config says.
    """

    learner: Learner
    task: Task
    labels: list[str]
    loss: Loss
    preparer: Preparer
    description: Mapping[str, Any]

    def data_spec(self, path: str) -> DataSpec:
        """Return how a file is read for this model: as its training data was."""
        return DataSpec(
            train=path,
            columns=self.description.get("columns", {}),
            max_length=self.description.get("max_length", LENGTH),
            pair=self.description["pair"],
            labels=self.labels or None,
            label_subwords=self.description.get("label_subwords", "first"),
            overlap=self.description.get("overlap"),
        )


def trained_folder(model: str | Path) -> tuple[Path, dict[str, Any]]:
    """Return the model folder of a run folder or model folder, and what it was trained for.

    Raises:
        ModelError: it has no trained head, or is a module of the user's own.
    """
    folder = resolve(str(model), None, Path.cwd())
    _check_described(folder)
    return folder, describe(folder)


def load_trained(model: str | Path, backend: str | None) -> Trained:
    """Load a run folder or model folder.

    Args:
        model: the folder.
        backend: a registered backend's name; None for the run's own, or the only one installed.
    """
    folder, description = trained_folder(model)
    task = TASKS[description["task"]]
    plan = read_model(folder, trained_head(description), description)
    loss = stored_loss(description, task.losses[0])
    task = with_loss(task, loss)
    implementation = backends.load(backend or default_backend(description))
    precision = description.get("precision", "float32")
    program = Program(plan.network, loss, precision=precision)
    learner = implementation.build(program)
    learner.load_tensors(plan.tensors)
    return Trained(
        learner, task, list(description["labels"]), loss, _preparer(folder, plan, task, loss, description), description
    )


def _preparer(folder: Path, plan: ModelPlan, task: Task, loss: Loss, description: Mapping[str, Any]) -> Preparer:
    if task.reads == "images":
        return read_processor(folder, plan.network.architecture)
    if task.reads == "arrays":
        return array_inputs(plan.network.architecture, loss.name)
    if task.reads == "vectors":
        return vector_input(plan.network.architecture, folder / DESCRIPTION, description)
    return Tokenizer.load(plan.tokenizer_folder, description["max_length"], description.get("mark_predicate"))


def default_backend(description: Mapping[str, Any] | None = None) -> str:
    """Return the backend that trained the model where it is installed, else the only one that is.

    Raises:
        BackendError: several are installed, or none.
    """
    installed = [name for name in backends.names() if backends.is_installed(name)]
    trained_by = (description or {}).get("backend")
    if trained_by in installed:
        return str(trained_by)
    if len(installed) == 1:
        return installed[0]
    if not installed:
        extras = " or ".join(f"'ftcore[{name}]'" for name in backends.names())
        raise BackendError(f"no backend is installed: pip install {extras}")
    raise BackendError(f"several backends are installed: choose one with --backend {'|'.join(installed)}")


def _check_described(folder: Path) -> None:
    weights = folder / "model.safetensors"
    if weights.is_file() and not (folder / CONFIG).is_file():
        raise ModelError(
            f"{folder}: has no {CONFIG}, as a run of a module of your own (model.module, ftcore.finetune) leaves it: "
            f"build the module, put {weights.name} into it by ftcore.load_weights, and call it"
        )


def stored_loss(description: Mapping[str, Any], otherwise: type[Loss]) -> Loss:
    """Return the loss that ftcore.json names, or a default one where it names none."""
    stored = description.get("loss")
    if stored is None:
        return otherwise()
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
    name = fields.pop("name")
    if name not in LOSSES:
        raise DataError(f"ftcore.json: there is no loss {name!r}; known: {', '.join(LOSSES)}")
    return LOSSES[name](**fields)

"""Loads a trained model for evaluation, prediction or further training."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ftcore.contract import Learner, Program, discovery
from ftcore.contract.losses import LOSSES, Loss
from ftcore.contract.network import Network
from ftcore.data import Asked, Dataset, DataSpec, format_of, given_format, load_file
from ftcore.errors import BackendError, DataError, ModelError, NotFiniteError, SpecError
from ftcore.evaluation import row_of
from ftcore.generation import GenerationSpec
from ftcore.inputs import Preparer
from ftcore.models import CONFIG, DESCRIPTION, ModelPlan, read_model, resolve
from ftcore.observer import Notify, RowsDone, nobody, unheard
from ftcore.runs.description import data_fields, describe
from ftcore.targets import Known, Objective
from ftcore.tasks import TASKS, Task


@dataclass(frozen=True)
class Device:
    """The device of a model.

    Attributes:
        backend: a registered backend's name; None for the one that trained the model, or the only one installed.
        name: auto, cpu, or a device of the backend such as cuda.
        threads: CPU threads; None for all cores.
    """

    backend: str | None = None
    name: str = "auto"
    threads: int | None = None


@dataclass(frozen=True)
class Trained:
    """A trained model on a backend.

    Attributes:
        learner: holds its parameters.
        task: the task that it was trained for.
        objective: the task's target, bound.
        preparer: makes its examples.
        model: its network.
        description: the content of ftcore.json, or of the config in the same form.
    """

    learner: Learner
    task: Task
    objective: Objective
    preparer: Preparer
    model: ModelPlan
    description: Mapping[str, Any]

    @property
    def pair(self) -> str:
        """Whether the two texts of an example share one sequence ("joint") or have one each ("separate")."""
        return str(self.description.get("pair", "joint"))

    @property
    def columns(self) -> dict[str, str]:
        """Maps ftcore's name of each column that it reads to the name in the file."""
        return dict(self.description.get("columns", {}))

    def data(self, path: str, reading: Mapping[str, object] = MappingProxyType({})) -> DataSpec:
        """Return the settings to read a file for this model: as its training data was read, but for `reading`.

        Raises:
            SpecError: a field of `reading` is not one that tells how a file is read, or has a wrong value.
        """
        found = self.task.data_class(train=path, **data_fields(self.task, self.description))
        if reading and not self.task.input.tabular:
            raise SpecError(f"{', '.join(reading)}: the task {self.task.name} reads arrays, which have no such fields")
        return found.model_copy(update=vars(given_format(reading, format_of(found)))) if reading else found

    def evaluate(
        self,
        path: str,
        base: Path,
        progress: RowsDone = nobody,
        notify: Notify = unheard,
        reading: Mapping[str, object] = MappingProxyType({}),
    ) -> dict[str, float]:
        """Return the loss and metrics on a file with targets, and those of generated texts if the target has them.

        Args:
            path: the file, read as the training data was.
            base: folder of a relative path.
            progress: called with the number of rows just done.
            notify: called with messages for the user, such as about metrics that the file leaves undefined.
            reading: fields of the spec's `data` part that tell how this file is read, where it differs.
        """
        spec, target = self.data(path, reading), self.task.target
        asked = Asked(target, self.task.input.forms, self.pair).reading(spec, self.objective.labels or None)
        dataset = load_file(self.preparer.loader(base, notify), path, asked).dataset
        self.objective.check_split(path, dataset)
        self.objective.check_lengths()
        split = self.preparer.for_evaluation(dataset)
        try:
            found = self.objective.evaluate_in_detail(self.learner, split, progress)
        except NotFiniteError as error:
            raise error if error.example is None else error.at(f"{path}: row {row_of(split, error.example)}") from error
        for note in self._notes(path, split, found):
            notify(note)
        return found

    def _notes(self, path: str, split: Dataset, found: Mapping[str, float]) -> list[str]:
        """Return messages for the user: how texts were judged, and which metrics are undefined."""
        objective = self.objective
        judged = [f"{name}: {settings}" for name, settings in objective.judged_by(split).items()]
        return [*judged, *objective.notes_of_split(path, split), *objective.notes_of_metrics(path, split, found)]


def trained_folder(model: str | Path) -> tuple[Path, Mapping[str, Any]]:
    """Return the model folder of a run folder or model folder, and its description.

    Raises:
        ModelError: the model has no trained head, or is a module of the user's own.
    """
    folder = resolve(str(model), None, Path.cwd())
    _check_described(folder)
    return folder, describe(folder)


def load_trained(model: str | Path, device: Device = Device()) -> Trained:
    """Load a run folder or model folder.

    Args:
        model: the folder.
        device: the device of the model.

    Raises:
        FtcoreError: it is not a trained model, or the backend is not installed.
    """
    folder, description = trained_folder(model)
    task = TASKS[description["task"]]
    loss = stored_loss(description, task.target.losses[0])
    labels = list(description.get("labels", []))
    head = task.target.head(labels, description.get("pair", "joint"))
    plan = read_model(folder, head, description)
    preparer = task.input.restore(folder, plan, description, loss.name)
    generation = GenerationSpec(**description["generation"]) if "generation" in description else None
    try:
        preparer.check_model(plan)
    except SpecError as error:
        raise ModelError(f"{folder / DESCRIPTION}: {str(error).removeprefix('data.')}") from error
    objective = task.target.objective(Known(labels, loss, preparer, plan, description, generation))
    precision = description.get("precision", "float32")
    learner = learner_of(plan, device, description, loss, precision)
    return Trained(learner, task, objective, preparer, plan, description)


def learner_of(
    plan: ModelPlan,
    device: Device,
    description: Mapping[str, Any] | None,
    loss: Loss | None = None,
    precision: str = "float32",
) -> Learner:
    """Build a learner that computes a network, without an optimizer.

    Args:
        plan: the network.
        device: the device of the network.
        description: its ftcore.json, which names the backend that trained it.
        loss: the loss's definition, if a loss is computed.
        precision: precision of the computation.
    """
    backend = discovery.load(device.backend or default_backend(description))
    network: Network = plan.network
    options = {} if device.threads is None else {"threads": device.threads}
    learner = backend.build(Program(network, loss, precision=precision, options=options), device.name)
    learner.load_tensors(plan.tensors)
    return learner


def default_backend(description: Mapping[str, Any] | None = None) -> str:
    """Return the backend that trained the model if it is installed, else the only installed one.

    Raises:
        BackendError: several backends are installed, or none.
    """
    installed = [name for name in discovery.names() if discovery.is_installed(name)]
    trained_by = (description or {}).get("backend")
    if trained_by in installed:
        return str(trained_by)
    if len(installed) == 1:
        return installed[0]
    if not installed:
        extras = " or ".join(f"'ftcore[{name}]'" for name in discovery.names())
        raise BackendError(f"no backend is installed: pip install {extras}")
    raise BackendError(f"several backends are installed: choose one with --backend {'|'.join(installed)}")


def stored_loss(description: Mapping[str, Any], otherwise: type[Loss]) -> Loss:
    """Return the loss that ftcore.json names, or the default if it names none."""
    stored = description.get("loss")
    if stored is None:
        return otherwise()
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
    name = fields.pop("name")
    if name not in LOSSES:
        raise DataError(f"ftcore.json: unknown loss {name!r}; known: {', '.join(LOSSES)}")
    return LOSSES[name](**fields)


def _check_described(folder: Path) -> None:
    weights = folder / "model.safetensors"
    if weights.is_file() and not (folder / CONFIG).is_file() and not (folder / DESCRIPTION).is_file():
        raise ModelError(
            f"{folder}: has no {CONFIG}, because its run trained a module of your own (model.module, ftcore.finetune): "
            f"build the module, load {weights.name} into it with ftcore.load_weights, and call it"
        )

"""The network of a run if it is a module of the user's own, of which ftcore has no description."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from ftcore.contract import Backend, Learner, Program, Step, Want, discovery
from ftcore.contract.losses import Loss
from ftcore.contract.network import Module
from ftcore.contract.optimizers import Optimizer
from ftcore.data import Dataset, PreparedData
from ftcore.errors import DataError, FtcoreError, ModelError, SpecError
from ftcore.files import check_no_nan, save_tensors, sha256
from ftcore.inputs import Preparer
from ftcore.loop import TrainingPlan
from ftcore.machine.matmul import Shape
from ftcore.models import least_decayed_dimensions, module_of, weights_file
from ftcore.observer import Observer
from ftcore.runs.bound import Described, Trainee, Training
from ftcore.runs.module_source import ModuleSource, build_module, called, find_source
from ftcore.spec import TaskSpec

PROBED = 2
"""Training examples on which a module is tested before a run begins."""
REASON = 300
"""Most characters of an exception's text in an error."""


class ModuleNetwork:
    """The base of modules of the user's own, of which only the tensors are known."""

    model: ClassVar[None] = None
    trainable: ClassVar[None] = None
    flops: ClassVar[None] = None

    def matmul_shapes(self, tokens: int, examples: int) -> list[Shape]:
        """Return nothing, because the products are unknown."""
        return []

    def at_precision(self, precision: str) -> Self:
        """Raise SpecError: a module computes in the type of its own parameters."""
        raise SpecError(f"precision: a module of your own cannot be built in {precision}")

    def state_size(self, optimizer: Optimizer) -> None:
        """Return None: the parameters are unknown."""

    def activation_bytes(self, train: Dataset, plan: TrainingPlan) -> int:
        """Return 0: nothing is known of the module's layers."""
        return 0

    @contextmanager
    def around_step(self, step: Step) -> Iterator[None]:
        """Turn an exception of the module's code into a ModelError that names the step."""
        try:
            yield
        except FtcoreError:
            raise
        except Exception as error:
            shapes = {name: list(array.shape) for batch in step.batches for name, array in batch.inputs.items()}
            reason = " ".join(str(error).split())[:REASON]
            raise ModelError(
                f"step {step.index}: the module raised {type(error).__name__} on inputs of shape {shapes}: {reason}"
            ) from error

    def write(self, folder: Path, learner: Learner, step: int, described: Described) -> Sequence[str]:
        """Write the module's tensors under their names in the module.

        Raises:
            RunError: a tensor is NaN.
        """
        folder.mkdir(parents=True, exist_ok=True)
        tensors = learner.tensors()
        check_no_nan(f"step {step}", tensors)
        save_tensors(folder / "model.safetensors", tensors)
        return []


@dataclass(frozen=True)
class SpecModule(ModuleNetwork):
    """A module that a spec names; its code is not run before it is built.

    Attributes:
        source: the source of the module.
        weights: the file of its tensors; None for the tensors that its function sets.
        preparer: makes its examples.
        outputs: number of logits that the task needs.
    """

    source: ModuleSource
    weights: Path | None
    preparer: Preparer
    outputs: int

    @property
    def hashes(self) -> Mapping[str, str | None]:
        """What environment.json says of the model's files."""
        weights = None if self.weights is None else sha256(self.weights)
        return {"weights_sha256": weights, "module_sha256": sha256(self.source.file)}

    def build(self, backend: Backend, training: Training, data: PreparedData, observer: Observer) -> Trainee:
        """Run the module's code, and test the module on a few examples.

        Raises:
            ModelError: the code raises, or does not return a module with as many logits as the task has outputs.
        """
        observer.stage("building module")
        backend.prepare_for_code(training.spec.training.seed, training.options["threads"])
        module = build_module(self.source)
        found = discovery.for_module(module)
        if found != backend.name:
            text = self.source.text
            raise ModelError(f"model.module: {text} gives a module of backend {found!r}: give --backend {found}")
        splits = self.preparer.for_module(
            data.splits, self.source.text, partial(backend.token_inputs, module), observer.note
        )
        program = module_program(module, training)
        learner = backend.build(program, training.spec.device)
        self._check_logits(learner, splits["train"])
        for note in () if self.weights is None else backend.load_weights(module, self.weights):
            observer.note(note)
        return Trainee(learner, program, splits)

    def summary(self) -> dict[str, Any]:
        """Return what `ftcore spec check` says of the network."""
        weights = None if self.weights is None else str(self.weights)
        return {"module": self.source.text, "file": str(self.source.file), "weights": weights}

    def _check_logits(self, learner: Learner, train: Dataset) -> None:
        """Compute a few examples, which also builds a module whose parameters do not exist yet."""
        batch = train.batch(np.arange(min(PROBED, len(train))))
        outputs = called(self.source.text, "its module", partial(learner.forward, batch, Want(logits=True)))
        needed = (*batch.weights.shape, self.outputs)
        if outputs.logits.shape != needed:
            raise ModelError(
                f"model.module: {self.source.text} gives logits of shape {list(outputs.logits.shape)} for "
                f"{batch.examples} examples, but the task needs {list(needed)}"
            )


@dataclass(frozen=True)
class GivenModule(ModuleNetwork):
    """A module that a program gives.

    Attributes:
        module: the module, trained in place from its own parameters.
        weights: the file of its tensors; None for its own parameters.
    """

    module: object
    weights: Path | None

    @property
    def hashes(self) -> Mapping[str, str | None]:
        """What environment.json says of the model's files."""
        return {"weights_sha256": None if self.weights is None else sha256(self.weights)}

    def build(self, backend: Backend, training: Training, data: PreparedData, observer: Observer) -> Trainee:
        """Build the learner that trains the module in place."""
        for note in () if self.weights is None else backend.load_weights(self.module, self.weights):
            observer.note(note)
        program = module_program(self.module, training)
        return Trainee(backend.build(program, training.spec.device), program, data.splits)

    def summary(self) -> dict[str, Any]:
        """Return the module's class."""
        return {"module": type(self.module).__qualname__}


def module_program(module: object, training: Training) -> Program:
    """Return the program that trains a module in place, from its own parameters."""
    settings = training.spec.training
    return Program(
        network=Module(module),
        loss=training.loss,
        optimizer=training.optimizer,
        clip_norm=settings.clip_norm,
        least_decayed_dimensions=least_decayed_dimensions(training.optimizer),
        seed=settings.seed,
        options=training.options,
        began_with=training.began_with,
    )


def check_outputs(learner: Learner, name: str, split: Dataset, loss: Loss) -> None:
    """Compute a few examples of a split, called `name`, and check that the loss can compare the logits with its labels.

    Raises:
        ModelError: the module raises, or gives logits of another shape.
        DataError: a class has no logit.
    """
    batch = split.batch(np.arange(min(PROBED, len(split))))
    shapes = {one: list(array.shape) for one, array in batch.inputs.items()}
    try:
        logits = learner.forward(batch, Want(logits=True)).logits
    except FtcoreError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:REASON]
        raise ModelError(
            f"finetune: the module raised {type(error).__name__} on {name} inputs of shape {shapes}: {reason}"
        ) from error
    found = None if logits is None else list(logits.shape)
    labels = split.targets
    wanted = [batch.examples, "classes"] if loss.labels == "classes" else [batch.examples, *labels.shape[1:]]
    if found is None or len(found) != 2 or (loss.labels != "classes" and found != wanted):
        raise ModelError(f"finetune: the module gives logits {found} for {name}, but {loss.name} needs {wanted}")
    if loss.labels == "classes" and labels.max() >= found[1]:
        raise DataError(
            f"labels: {name} has the class {labels.max()}, but the module gives {found[1]} logits, "
            f"for the classes 0 to {found[1] - 1}"
        )


def spec_module(spec: TaskSpec, base: Path, preparer: Preparer, outputs: int) -> SpecModule:
    """Return the module that a spec names; no user code is run.

    Raises:
        ModelError: a file does not exist.
    """
    weights = None if spec.model.weights is None else weights_file(spec.model.weights, base)
    return SpecModule(find_source(str(module_of(spec.model)), base), weights, preparer, outputs)


def check_allowed(spec: TaskSpec, base: Path, allow_code: bool) -> None:
    """Check that the user allows the code of a spec.

    Raises:
        SpecError: the spec names a module, and code is not allowed.
    """
    module = module_of(spec.model)
    if module is None or allow_code:
        return
    file = find_source(module, base).file
    raise SpecError(f"model.module: {module} would run the code of {file}: read it, then give --allow-code")

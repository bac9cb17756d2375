"""A bound spec: a spec with its data, network, loss, optimizer and steps, found and checked."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, Self

from ftcore.contract import Backend, Learner, Program, Step
from ftcore.contract.losses import Loss
from ftcore.contract.optimizers import Optimizer
from ftcore.data import Dataset, PreparedData, Splits
from ftcore.inputs import Preparer
from ftcore.loop import TrainingPlan
from ftcore.machine.matmul import Shape
from ftcore.models import ModelPlan, StepFlops
from ftcore.observer import Observer
from ftcore.runs.resources import StateSize
from ftcore.targets import Objective
from ftcore.tasks import Task

Described = Callable[[], Mapping[str, Any]]
"""Returns a part of ftcore.json."""


@dataclass(frozen=True)
class Trainee:
    """A network on a backend, with its data.

    Attributes:
        learner: built, with its initial parameters.
        program: the program of which the learner was built.
        splits: the data in the form that the network reads.
    """

    learner: Learner
    program: Program
    splits: Splits


@dataclass(frozen=True)
class Training:
    """The training settings that a backend needs.

    Attributes:
        loss: the loss's definition.
        optimizer: the optimizer's definition.
        spec: the spec of the run.
        plan: the training in steps.
        options: options of the backend.
        began_with, few_steps: see `Program`.
    """

    loss: Loss
    optimizer: Optimizer
    spec: Any
    plan: TrainingPlan
    options: Mapping[str, Any]
    began_with: Mapping[str, Any] | None
    few_steps: bool = False


class BoundNetwork(Protocol):
    """The network of a run: one that ftcore describes, or a module of the user's own."""

    @property
    def model(self) -> ModelPlan | None:
        """The described network; None for a module of the user's own."""
        ...

    @property
    def trainable(self) -> frozenset[str] | None:
        """Names of the trained parameters; None means all."""
        ...

    @property
    def hashes(self) -> Mapping[str, str | None]:
        """The hashes of the model's files for environment.json."""
        ...

    @property
    def flops(self) -> StepFlops | None:
        """Counts the operations of a step; None if they are unknown."""
        ...

    def matmul_shapes(self, tokens: int, examples: int) -> list[Shape]:
        """Return the large matrix products of a step with this number of tokens and examples."""
        ...

    def state_size(self, optimizer: Optimizer) -> StateSize | None:
        """Return the size of parameters, gradients and optimizer state; None if it is unknown before it is built."""
        ...

    def activation_bytes(self, train: Dataset, plan: TrainingPlan) -> int:
        """Return about how many bytes the backward pass of the largest batch needs; 0 where there is no estimate."""
        ...

    def build(self, backend: Backend, training: Training, data: PreparedData, observer: Observer) -> Trainee:
        """Build the learner of the network on a backend."""
        ...

    def around_step(self, step: Step) -> AbstractContextManager[None]:
        """Return the context in which a step is taken."""
        ...

    def write(self, folder: Path, learner: Learner, step: int, described: Described) -> Sequence[str]:
        """Write the network as of a step into a folder; return notes for the user.

        Args:
            folder: the folder to write.
            learner: holds the parameters.
            step: the step of the parameters.
            described: returns the fields of ftcore.json that do not come from the network; not called for a module
                of the user's own, which has no ftcore.json.
        """
        ...

    def summary(self) -> dict[str, Any]:
        """Return the summary of the network for `ftcore spec check`."""
        ...

    def at_precision(self, precision: str) -> Self:
        """Return the same network, to be built in another precision.

        Raises:
            SpecError: it has only one.
        """
        ...


@dataclass(frozen=True)
class Bound:
    """A spec with everything that it names found and checked.

    Attributes:
        spec: the spec.
        task: its task.
        data: the data, checked and prepared.
        preparer: made the examples.
        objective: the task's target, bound.
        network: the network to train.
        optimizer: the optimizer's definition.
        plan: the training in steps.
        about: fields of result.json that are known before the training.
    """

    spec: Any
    task: Task
    data: PreparedData
    preparer: Preparer
    objective: Objective
    network: BoundNetwork
    optimizer: Optimizer
    plan: TrainingPlan
    about: Mapping[str, Any]

    @property
    def loss(self) -> Loss:
        """The loss's definition."""
        return self.objective.loss

    def at_precision(self, precision: str) -> "Bound":
        """Return the same run in another precision.

        Raises:
            SpecError: its network has only one.
        """
        spec = self.spec.model_copy(update={"precision": precision})
        return replace(self, spec=spec, network=self.network.at_precision(precision))

    @property
    def matmul_shapes(self) -> list[Shape]:
        """The large matrix products of a step of average length."""
        train = self.data.train
        examples = min(self.plan.batch_size, len(train))
        return self.network.matmul_shapes(max(train.tokens * examples // len(train), 1), examples)

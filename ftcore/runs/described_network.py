"""The network of a run if ftcore has a description of it, from which every backend can build it."""

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import Backend, Learner, Program, Step
from ftcore.contract.network import Network
from ftcore.contract.optimizers import LearningRates, Optimizer
from ftcore.data import Dataset, PreparedData, Splits
from ftcore.inputs import Preparer
from ftcore.loop import TrainingPlan
from ftcore.machine.matmul import Shape
from ftcore.models import (
    HeadKind,
    LeanTable,
    ModelPlan,
    StepFlops,
    decay_exempt,
    matmul_shapes,
    training_flops,
    write_model,
)
from ftcore.observer import Observer
from ftcore.runs.bound import Described, Trainee, Training
from ftcore.runs.resources import StateSize, activation_bytes, state_size
from ftcore.spec import TaskSpec
from ftcore.tasks import Task


@dataclass(frozen=True)
class Material:
    """The inputs of a backend: the network, its initial values, and the splits in the form that the network reads.

    Attributes:
        network: the model's network; its token table has only the rows that occur in the data, if that is exact.
        tensors: initial values by name, each of its own shape.
        splits: "train" and, if there are any, "validation" and "test".
        lean: restores the full token table; None if `network` has it.
        optimizer, learning_rates: update the rows that do not occur in the data.
    """

    network: Network
    tensors: Mapping[str, np.ndarray]
    splits: Splits
    lean: LeanTable | None
    optimizer: Optimizer
    learning_rates: LearningRates

    def whole(self, tensors: Mapping[str, np.ndarray], step: int) -> Mapping[str, np.ndarray]:
        """Return the model's tensors after a step, given the tensors of `network`, each of its own shape."""
        if self.lean is None:
            return tensors
        rates = [self.learning_rates.at(index) for index in range(1, step + 1)]
        factors = (self.optimizer.untouched(rate, decays=True) for rate in rates)
        return self.lean.restore(tensors, math.prod(factor for factor in factors if factor is not None))


@dataclass(frozen=True)
class DescribedNetwork:
    """A network that every backend can build.

    Attributes:
        spec: the spec of the run.
        task: the task of the run.
        model: the network with a value for every parameter.
        head: the kind of its head.
        preparer: writes the files that describe how inputs are prepared.
        labels: the labels in order.
        material: the inputs of a backend.
        trainable: names of the trained parameters; None means all.
    """

    spec: TaskSpec
    task: Task
    model: ModelPlan
    head: HeadKind
    preparer: Preparer
    labels: Sequence[str]
    material: Material
    trainable: frozenset[str] | None

    @property
    def hashes(self) -> Mapping[str, str | None]:
        """The hashes of the model's files for environment.json."""
        return {"weights_sha256": self.model.weights_sha256}

    @property
    def flops(self) -> StepFlops | None:
        """Counts the operations of a step; None if a part is frozen, which saves an unknown share of them."""
        return None if self.trainable is not None else training_flops(self.model.network)

    def matmul_shapes(self, tokens: int, examples: int) -> list[Shape]:
        """Return the large matrix products of a step with this number of tokens and examples."""
        network = self.model.network
        return matmul_shapes(network, network.image_tokens * examples or tokens)

    def state_size(self, optimizer: Optimizer) -> StateSize:
        """Return the size of parameters, gradients and optimizer state."""
        return state_size(self.material.network, self.trainable, len(optimizer.slots), self.spec.precision)

    def activation_bytes(self, train: Dataset, plan: TrainingPlan) -> int:
        """Return about how many bytes the backward pass of the largest batch needs; 0 where there is no estimate."""
        return activation_bytes(self.material.network, train, plan, self.spec.precision)

    def build(self, backend: Backend, training: Training, data: PreparedData, observer: Observer) -> Trainee:
        """Build the learner of the network on a backend, with its initial parameters."""
        program = self._program(training)
        learner = backend.build(program, self.spec.device)
        learner.load_tensors(self.material.tensors)
        return Trainee(learner, program, self.material.splits)

    def at_precision(self, precision: str) -> "DescribedNetwork":
        """Return the same network, to be built in another precision."""
        return replace(self, spec=self.spec.model_copy(update={"precision": precision}))

    def _program(self, training: Training) -> Program:
        network, optimizer = self.material.network, training.optimizer
        return Program(
            network=network,
            loss=training.loss,
            optimizer=optimizer,
            clip_norm=self.spec.training.clip_norm,
            trainable=self.trainable,
            decay_exempt=frozenset() if optimizer.decay_biases_and_norms else decay_exempt(network),
            precision=self.spec.precision,
            seed=self.spec.training.seed,
            options=training.options,
            few_steps=training.few_steps,
            began_with=training.began_with,
        )

    def around_step(self, step: Step) -> AbstractContextManager[None]:
        """Return a context that does nothing: a backend's own networks raise ftcore's errors."""
        return nullcontext()

    def write(self, folder: Path, learner: Learner, step: int, described: Described) -> Sequence[str]:
        """Write the network as of a step as a Hugging Face folder; return notes for the user."""
        return write_model(
            folder,
            self.model,
            self.material.whole(learner.tensors(), step),
            self.head,
            self.spec.output.dtype,
            {**self.preparer.described(self.material.splits), **described()},
            self.labels,
            self.task.target.problem_type,
            lambda inside: self.preparer.write_files(self.model, inside),
        )

    def summary(self) -> dict[str, Any]:
        """Return the summary of the network for `ftcore spec check`."""
        plan, trained = self.model, self.trainable
        sizes = {parameter.name: math.prod(parameter.shape) for parameter in plan.network.parameters}
        return {
            "family": plan.network.architecture.family,
            "parameters": sum(sizes.values()),
            "trainable": sum(size for name, size in sizes.items() if trained is None or name in trained),
            "pretrained": plan.source is not None,
            "dtype": plan.dtype,
            "new": list(plan.new),
            "ignored": list(plan.ignored),
        }

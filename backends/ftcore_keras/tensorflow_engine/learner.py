"""Implements the learner protocol on TensorFlow: one network with its loss and optimizer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ftcore.contract import Batch, Decoding, Likelihood, Outputs, Program, Step, StepResult, Want
from ftcore.errors import BackendError
from ftcore_keras.network import KerasNetwork, build_network
from ftcore_keras.tensorflow_engine.decoding import KerasDecoding, Writer, writer_of
from ftcore_keras.tensorflow_engine.engine import ENGINE
from ftcore_keras.tensorflow_engine.graph import examples_of
from ftcore_keras.tensorflow_engine.loss_scale import LossScale
from ftcore_keras.tensorflow_engine.optimizers import NamedOptimizer
from ftcore_keras.tensorflow_engine.steps import Steps
from ftcore_keras.tensors import Named, copy_out, load_into, trained


def build_learner(program: Program, device: str, options: Mapping[str, Any]) -> "KerasLearner":
    """Return the learner of a program on a device, given by TensorFlow's name."""
    with tf.device(device):
        network = build_network(program.network, program.precision, ENGINE)
    return KerasLearner(network, program, device, options)


class KerasLearner:
    """Trains and evaluates a network in compiled graphs.

    A foreign module that is not built yet is built by a call on the first batch; until then it has no tensors
    and no optimizer state.
    """

    def __init__(self, network: KerasNetwork, program: Program, device: str, options: Mapping[str, Any]) -> None:
        self.options = options
        self._network = network
        self._program = program
        self._device = device
        self._xla = bool(options["xla"])
        self._made: _Machinery | None = None
        self._writer: Writer | None = None

    @property
    def model(self) -> keras.Model:
        """The network with its current values, which can be called, exported and served."""
        return self._network.model

    @property
    def couples_examples(self) -> bool:
        """Whether a training example's result depends on the others of its batch, as with batch normalization."""
        return self._network.couples_examples

    def train_step(self, step: Step) -> StepResult:
        """Train on one global batch; a step that is not finite changes nothing."""
        with tf.device(self._device):
            return self._machinery(step.batches[0]).steps.train(step)

    def gradients(self, step: Step) -> Mapping[str, np.ndarray]:
        """Return the gradient of each trained parameter in its own shape, if the loss depends on it; dropout is off."""
        with tf.device(self._device):
            made = self._machinery(step.batches[0])
            found = made.steps.gradients(step)
        return {named.name: named.outward(found[named.name]) for named in made.parameters if named.name in found}

    def forward(self, batch: Batch, want: Want) -> Outputs:
        """Compute outputs without training; dropout is off."""
        with tf.device(self._device):
            examples = examples_of(batch, with_targets=want.loss or want.likelihood)
            found = self._machinery(batch).steps.forward(examples, want)
        for name in ("logits", "hidden_states", "pooled"):
            if getattr(want, name) and name not in found:
                raise BackendError(f"the network does not return the requested {name}")
        return _outputs(found)

    def decoding(self, inputs: Mapping[str, np.ndarray]) -> Decoding:
        """Begin generation after prompts, int32 [rows, length] each; dropout is off."""
        if self._writer is None:
            self._writer = writer_of(self._network)
        return KerasDecoding(self._writer, inputs, self._device)

    def tensors(self) -> Mapping[str, np.ndarray]:
        """Return copies of parameters and buffers by checkpoint name, each in its own shape."""
        return copy_out(self._everything())

    def load_tensors(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Replace every parameter and buffer; each array has its own shape."""
        load_into(self._everything(), tensors)

    def optimizer_state(self) -> Mapping[str, np.ndarray]:
        """Return the optimizer's state: "SLOT/PARAMETER" of the same shape, and "step", a scalar."""
        optimizer = self._machinery().optimizer
        return {} if optimizer is None else optimizer.state()

    def load_optimizer_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Replace the optimizer's state: "SLOT/PARAMETER" of the same shape, and "step", a scalar."""
        optimizer = self._machinery().optimizer
        if optimizer is None:
            raise BackendError("this program has no optimizer: there is no state to load")
        optimizer.load(state)

    def _everything(self) -> list[Named]:
        return [*self._network.parameters(), *self._network.buffers()]

    def _machinery(self, batch: Batch | None = None) -> "_Machinery":
        """Return the training machinery, which is made when the network's variables exist."""
        if self._made is None:
            with tf.device(self._device):
                if batch is not None:
                    self._network.prepare(batch.inputs)
                parameters = trained(self._network.parameters(), self._program.trainable)
                optimizer = _optimizer(self._program, parameters)
                steps = Steps(self._network, self._program, parameters, optimizer, self._xla)
            self._made = _Machinery(parameters, optimizer, steps)
        return self._made


@dataclass(frozen=True)
class _Machinery:
    parameters: list[Named]
    optimizer: NamedOptimizer | None
    steps: Steps


def _outputs(found: Mapping[str, Any]) -> Outputs:
    return Outputs(
        logits=_array(found.get("logits")),
        loss=float(found["loss"]) if "loss" in found else None,
        hidden_states=[np.array(states) for states in found["hidden_states"]] if "hidden_states" in found else None,
        pooled=_array(found.get("pooled")),
        likelihood=Likelihood(*map(np.array, found["likelihood"])) if "likelihood" in found else None,
    )


def _array(tensor: Any) -> np.ndarray | None:
    return None if tensor is None else np.array(tensor)


def _optimizer(program: Program, parameters: list[Named]) -> NamedOptimizer | None:
    definition = program.optimizer
    if definition is None:
        return None
    exempt = frozenset(one.name for one in parameters if not program.decays(one.name, tuple(one.variable.shape)))
    loss_scale = LossScale() if program.precision == "float16" else None
    return NamedOptimizer(definition, parameters, exempt, loss_scale, compiles=not program.few_steps)

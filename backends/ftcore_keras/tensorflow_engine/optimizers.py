"""Implements each optimizer of ftcore.contract.optimizers on TensorFlow variables."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from ftcore.contract.optimizers import SGD, Adam, AdamW, Optimizer
from ftcore.errors import ModelError
from ftcore_keras.tensorflow_engine.loss_scale import LossScale
from ftcore_keras.tensors import Named

Slots = Mapping[str, tf.Variable]
Update = Callable[..., None]
"""Takes the definition, variable, gradient, slots by name, learning_rate, step (float64) and decays."""


def _sgd(
    definition: SGD,
    variable: tf.Variable,
    gradient: tf.Tensor,
    slots: Slots,
    learning_rate: tf.Tensor,
    step: tf.Tensor,
    decays: bool,
) -> None:
    if decays:
        gradient = gradient + definition.weight_decay * variable
    momentum = definition.momentum * slots["momentum"] + gradient
    direction = gradient + definition.momentum * momentum if definition.nesterov else momentum
    slots["momentum"].assign(momentum)
    variable.assign_sub(tf.cast(learning_rate, variable.dtype) * direction)


def _adam(
    definition: Adam,
    variable: tf.Variable,
    gradient: tf.Tensor,
    slots: Slots,
    learning_rate: tf.Tensor,
    step: tf.Tensor,
    decays: bool,
) -> None:
    if decays:
        gradient = gradient + definition.weight_decay * variable
    variable.assign_sub(_adam_difference(definition, gradient, slots, learning_rate, step))


def _adamw(
    definition: AdamW,
    variable: tf.Variable,
    gradient: tf.Tensor,
    slots: Slots,
    learning_rate: tf.Tensor,
    step: tf.Tensor,
    decays: bool,
) -> None:
    kept = tf.cast(1.0 - learning_rate * definition.weight_decay, variable.dtype)
    parameter = variable * kept if decays else variable
    variable.assign(parameter - _adam_difference(definition, gradient, slots, learning_rate, step))


def _adam_difference(
    definition: Adam, gradient: tf.Tensor, slots: Slots, learning_rate: tf.Tensor, step: tf.Tensor
) -> tf.Tensor:
    """Advance the moments and return what Adam's step subtracts."""
    beta1, beta2 = definition.beta1, definition.beta2
    first = beta1 * slots["first_moment"] + (1.0 - beta1) * gradient
    second = beta2 * slots["second_moment"] + (1.0 - beta2) * tf.square(gradient)
    slots["first_moment"].assign(first)
    slots["second_moment"].assign(second)
    # In float32, 1 - 0.999 is wrong by 1e-5, so factors that depend only on the step are float64 up to the moments.
    rate = tf.cast(learning_rate / (1.0 - tf.pow(tf.constant(beta1, tf.float64), step)), gradient.dtype)
    root = tf.cast(tf.sqrt(1.0 - tf.pow(tf.constant(beta2, tf.float64), step)), gradient.dtype)
    return rate * first / (tf.sqrt(second) / root + definition.epsilon)


UPDATES: dict[str, Update] = {SGD.name: _sgd, Adam.name: _adam, AdamW.name: _adamw}


class NamedOptimizer:
    """Slots and updates of the trained parameters, read and written by parameter name."""

    def __init__(
        self,
        definition: Optimizer,
        parameters: Sequence[Named],
        decay_exempt: frozenset[str],
        loss_scale: LossScale | None,
        compiles: bool = True,
    ) -> None:
        self._definition = definition
        self._parameters = list(parameters)
        self.loss_scale = loss_scale
        self._exempt = decay_exempt
        self._step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        self._slots = {named.name: self._new_slots(named) for named in parameters}
        # The update is bound by memory, and TensorFlow passes over memory once per operation. XLA fuses the update into
        # one pass, 2 to 3 times as fast on a CPU. Shapes never change, so it compiles once for each shape.
        self._update = tf.function(self._update_one, jit_compile=True) if compiles else self._update_one

    def apply(self, gradients: Mapping[str, tf.Tensor], scale: tf.Tensor, learning_rate: tf.Tensor) -> None:
        """Update every parameter that has a gradient; part of a graph.

        Args:
            gradients: by parameter name, before clipping.
            scale: factor from clipping, a scalar of the gradients' type.
            learning_rate: float64 scalar.
        """
        step = tf.cast(self._step.assign_add(1), tf.float64)
        for named in self._parameters:
            if named.name in gradients:
                decays = named.name not in self._exempt
                slots = self._slots[named.name]
                self._update(named.variable.value, gradients[named.name], scale, slots, learning_rate, step, decays)

    def state(self) -> dict[str, np.ndarray]:
        """Return copies of the state: "step", an int64 scalar, and "SLOT/PARAMETER" in the checkpoint's layout."""
        given: dict[str, np.ndarray] = {"step": np.asarray(self._step.numpy(), dtype=np.int64)}
        for slot in self._definition.slots:
            for named in self._parameters:
                given[f"{slot}/{named.name}"] = named.outward(self._slots[named.name][slot])
        return given if self.loss_scale is None else {**given, **self.loss_scale.state()}

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Replace the state by one in the form of `state`, from this or another backend; the shapes are the same."""
        keys = {f"{slot}/{named.name}": (slot, named) for slot in self._definition.slots for named in self._parameters}
        expected = {"step", *keys, *(() if self.loss_scale is None else self.loss_scale.state())}
        if set(state) != expected:
            differing = ", ".join(sorted(set(state) ^ expected)[:5])
            raise ModelError(f"the optimizer state does not fit the optimizer and parameters: {differing}")
        own = {key: named.inward(np.asarray(state[key]), key) for key, (_, named) in keys.items()}
        self._step.assign(int(state["step"]))
        if self.loss_scale is not None:
            self.loss_scale.load(state)
        for key, (slot, named) in keys.items():
            self._slots[named.name][slot].assign(own[key])

    def _new_slots(self, named: Named) -> dict[str, tf.Variable]:
        zeros = tf.zeros(named.variable.shape, named.variable.dtype)
        return {
            slot: tf.Variable(zeros, trainable=False, name=f"{slot}/{named.name}") for slot in self._definition.slots
        }

    def _update_one(
        self,
        variable: tf.Variable,
        gradient: tf.Tensor,
        scale: tf.Tensor,
        slots: dict[str, tf.Variable],
        learning_rate: tf.Tensor,
        step: tf.Tensor,
        decays: bool,
    ) -> None:
        update, clipped = UPDATES[self._definition.name], gradient * tf.cast(scale, gradient.dtype)
        update(self._definition, variable, clipped, slots, learning_rate, step, decays)

"""Compiles the graphs of a learner: forward pass, gradients and optimizer step."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import tensorflow as tf

from ftcore.contract import Program, Step, StepResult, Want
from ftcore.contract.optimizers import EPSILON
from ftcore.errors import BackendError
from ftcore_keras.examples import Examples, Tensors
from ftcore_keras.layers.activations import Activations
from ftcore_keras.losses import check_labels, label_likelihood, weighted_sum
from ftcore_keras.network import KerasNetwork
from ftcore_keras.tensorflow_engine.graph import Graph, examples_of
from ftcore_keras.tensorflow_engine.optimizers import NamedOptimizer
from ftcore_keras.tensors import Named

Function = Callable[..., Any]


class Steps:
    """The graphs of one network with its loss and optimizer.

    One batch is one call of one graph; the gradients of several are summed, and a last call applies them. For few steps
    nothing is compiled.
    """

    def __init__(
        self,
        network: KerasNetwork,
        program: Program,
        parameters: Sequence[Named],
        optimizer: NamedOptimizer | None,
        xla: bool,
    ) -> None:
        self._network = network
        self._program = program
        self._variables = {named.name: named.variable.value for named in parameters}
        self._buffers = {named.name: named.variable.value for named in network.buffers()}
        self._optimizer = optimizer
        self._loss_scale = None if optimizer is None else optimizer.loss_scale
        self._compile: Callable[[Function], Function] = (
            _as_it_is if program.few_steps else partial(Graph, network=network, xla=xla)
        )
        self._train: Function = self._compile(self._train_batch)
        self._differentiate: Function = self._compile(self._derivative)
        applied = tf.function(self._update, jit_compile=xla or None, autograph=False)
        self._apply = self._update if program.few_steps else applied
        self._forward: dict[Want, Function] = {}

    def train(self, step: Step) -> StepResult:
        """Run a training step; a step that is not finite changes nothing."""
        if self._optimizer is None:
            raise BackendError("this program has no optimizer: it cannot be trained")
        learning_rate = tf.constant(step.learning_rate, tf.float64)
        if len(step.batches) == 1:
            return StepResult(*self._train(*self._arguments(step, 0, training=True), learning_rate))
        before = {name: tf.identity(variable) for name, variable in self._buffers.items()}
        loss, gradients = self._accumulate(step, training=True)
        return StepResult(*self._apply(loss, gradients, before, learning_rate))

    def gradients(self, step: Step) -> Tensors:
        """Return the gradient of the global batch by name, without dropout; nothing is changed."""
        return self._accumulate(step, training=False)[1]

    def forward(self, examples: Examples, want: Want) -> dict[str, Any]:
        """Return the requested outputs by their names in `ftcore.contract.Outputs`, without dropout."""
        if want not in self._forward:
            self._forward[want] = self._compile(partial(self._outputs, want))
        found: dict[str, Any] = self._forward[want](examples)
        return found

    def _arguments(self, step: Step, number: int, training: bool) -> tuple[Examples, tf.Tensor]:
        """Return a micro-batch, with draws in training, and the total weight."""
        batch = step.batches[number]
        draws = self._network.draws(batch, self._program.seed, step.index, number) if training else None
        return examples_of(batch, draws=draws), tf.constant(step.total_weight, tf.float64)

    def _accumulate(self, step: Step, training: bool) -> tuple[tf.Tensor, Tensors]:
        losses: list[tf.Tensor] = []
        gradients: Tensors = {}
        for number in range(len(step.batches)):
            loss, found = self._differentiate(*self._arguments(step, number, training))
            losses.append(loss)
            for name, gradient in found.items():
                gradients[name] = gradients[name] + gradient if name in gradients else gradient
        return tf.add_n(losses), gradients

    # The methods below are traced into graphs.

    def _train_batch(
        self, examples: Examples, total_weight: tf.Tensor, learning_rate: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        before = {name: tf.identity(variable) for name, variable in self._buffers.items()}
        loss, gradients = self._derivative(examples, total_weight)
        return self._update(loss, gradients, before, learning_rate)

    def _derivative(self, examples: Examples, total_weight: tf.Tensor) -> tuple[tf.Tensor, Tensors]:
        variables = list(self._variables.values())
        # Only the trained variables are watched, so no gradients are computed for frozen ones.
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            loss = self._weighted_loss(self._network.compute(examples.inputs, examples.draws), examples)
            loss = loss / tf.cast(total_weight, loss.dtype)
            scaled = loss if self._loss_scale is None else self._loss_scale.scaled(loss)
        found = zip(self._variables.items(), tape.gradient(scaled, variables), strict=True)
        reached = {name: _dense(gradient, variable) for (name, variable), gradient in found if gradient is not None}
        if not reached:
            raise BackendError("the loss reaches none of the trained parameters")
        if self._loss_scale is not None:
            reached = {name: self._loss_scale.unscaled(gradient) for name, gradient in reached.items()}
        return loss, reached

    def _weighted_loss(self, outputs: Activations, examples: Examples) -> tf.Tensor:
        if self._program.loss is None:
            raise BackendError("this program has no loss")
        if outputs.logits is None:
            raise BackendError("a network without a classifier has no loss")
        check_labels(self._program.loss, examples.targets["labels"], outputs.logits)
        return weighted_sum(self._program.loss, outputs, examples)

    def _update(
        self, loss: tf.Tensor, gradients: Tensors, before: Tensors, learning_rate: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        # tf.add_n adds its inputs in the order in which they become available, so its last bit varies between runs.
        halves = tf.stack([tf.nn.l2_loss(gradient) for gradient in gradients.values()])
        norm = tf.sqrt(2.0 * tf.reduce_sum(halves))
        finite = tf.math.is_finite(loss) & tf.math.is_finite(norm)
        scale = self._clip_scale(norm)
        tf.cond(finite, lambda: self._optimize(gradients, scale, learning_rate), lambda: self._restore(before))
        if self._loss_scale is not None:
            self._loss_scale.update(finite)
        return loss, norm, tf.cast(finite, tf.float32)

    def _clip_scale(self, norm: tf.Tensor) -> tf.Tensor:
        if self._program.clip_norm is None:
            return tf.ones_like(norm)
        return tf.minimum(tf.ones_like(norm), self._program.clip_norm / (norm + EPSILON))

    def _optimize(self, gradients: Tensors, scale: tf.Tensor, learning_rate: tf.Tensor) -> None:
        if self._optimizer is not None:
            self._optimizer.apply(gradients, scale, learning_rate)

    def _restore(self, before: Mapping[str, tf.Tensor]) -> None:
        for name, value in before.items():
            self._buffers[name].assign(value)

    def _outputs(self, want: Want, examples: Examples) -> dict[str, Any]:
        found = self._network.compute(examples.inputs, examples.draws, want.hidden_states)
        outputs = {
            "logits": found.logits if want.logits else None,
            "loss": self._weighted_loss(found, examples) if want.loss else None,
            "hidden_states": found.hidden_states if want.hidden_states else None,
            "pooled": found.pooled if want.pooled else None,
            "likelihood": label_likelihood(found, examples) if want.likelihood else None,
        }
        return {name: value for name, value in outputs.items() if value is not None}


def _as_it_is(function: Function) -> Function:
    """Return a function that TensorFlow computes operation by operation, without compiling it."""
    return function


def _dense(gradient: Any, variable: tf.Variable) -> tf.Tensor:
    """Return a gradient as one tensor: rows of an embedding that occur more than once are summed first."""
    return tf.ensure_shape(tf.convert_to_tensor(gradient), variable.shape)

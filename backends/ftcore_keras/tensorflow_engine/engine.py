"""Implements the `Engine` operations of the layers on TensorFlow."""

from collections.abc import Sequence
from functools import partial

import tensorflow as tf

from ftcore.contract import dropout as definition
from ftcore_keras.layers.engine import Advance, State
from ftcore_keras.layers.functions import Tensor


class TensorFlowEngine:
    """TensorFlow as an `Engine`, which documents the operations."""

    def shaped(self, values: Tensor, shape: Sequence[int | None]) -> Tensor:
        """Check the shape at run time, and set it in the graph, which is traced for any shape."""
        return tf.ensure_shape(values, list(shape))

    def add_bias(self, values: Tensor, bias: Tensor) -> Tensor:
        """Add by `bias_add`, whose gradient sums over rows twice as fast as that of a broadcast addition.

        `keras.ops.add` is the same for several channels; for one channel its gradient is summed in another order.
        """
        return tf.nn.bias_add(values, bias)

    def convolution(self, values: Tensor, kernel: Tensor, stride: int, border: int) -> Tensor:
        """Convolve with explicit padding, because TensorFlow's own pads unevenly with a stride."""
        return tf.nn.conv2d(values, kernel, stride, [[0, 0], [border, border], [border, border], [0, 0]])

    def recurrence(self, advance: Advance, start: State, values: Tensor) -> Tensor:
        """Loop over an open length; with a bound on the iterations, XLA can differentiate it."""
        length, channels = tf.shape(values)[0], values.shape[2]
        steps = tf.TensorArray(values.dtype, length).unstack(values)
        outputs = tf.TensorArray(values.dtype, length, element_shape=[None, start[0].shape[1]])

        def step(time: Tensor, outputs: tf.TensorArray, state: State) -> tuple[Tensor, tf.TensorArray, State]:
            state = advance(tf.ensure_shape(steps.read(time), [None, channels]), state)
            return time + 1, outputs.write(time, state[0]), state

        loop = (tf.constant(0), outputs, start)
        found = tf.while_loop(lambda time, *_: time < length, step, loop, maximum_iterations=length)
        return found[1].stack()

    def reversed_within(self, values: Tensor, lengths: Tensor) -> Tensor:
        """Reverse sequences."""
        return tf.reverse_sequence(values, lengths, seq_axis=1)

    def dropped(self, values: Tensor, rate: float, one: Tensor, other: Tensor) -> Tensor:
        """Drop elements; the gradient computes the same mask again instead of storing it."""
        drop = partial(_drop, rate, one, other)
        return tf.custom_gradient(lambda whole: (drop(whole), drop))(values)


# XLA fuses the operations into one pass over memory. The step around them need not be compiled by XLA.
@partial(tf.function, jit_compile=True, autograph=False)
def _drop(rate: float, one: Tensor, other: Tensor, values: Tensor) -> Tensor:
    """Return values masked by the broadcast product of int32 keys, as `ftcore.contract.dropout.kept`."""
    kept = one * other >= definition.threshold(rate)
    return values * (tf.cast(kept, values.dtype) * (1.0 / (1.0 - rate)))


ENGINE = TensorFlowEngine()

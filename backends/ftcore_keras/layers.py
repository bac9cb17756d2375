"""Linear map, embedding, layer norm and dropout; each names its variables by canonical path."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from ftcore_keras.functions import Tensor

Variables = dict[str, Any]
"""keras.Variable by canonical path."""


class Linear(keras.Layer):
    """inputs @ kernel + bias over the last axis; the kernel is [inputs, outputs]."""

    def __init__(self, inputs: int, outputs: int, dtype: str, bias: bool = True) -> None:
        super().__init__(dtype=dtype)
        self.inputs, self.outputs = inputs, outputs
        self.kernel = self.add_weight((inputs, outputs), "zeros", name="weight")
        self.bias = self.add_weight((outputs,), "zeros", name="bias") if bias else None
        self.built = True

    def call(self, values: Tensor) -> Tensor:
        """Return [rows, outputs] of values [rows, inputs]."""
        mapped = ops.matmul(values, self.kernel)
        # The gradient of bias_add sums over rows twice as fast as that of a broadcast addition.
        return mapped if self.bias is None else tf.nn.bias_add(mapped, self.bias.value)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        weight = {f"{path}.weight": self.kernel}
        return weight if self.bias is None else {**weight, f"{path}.bias": self.bias}


class Embedding(keras.Layer):
    """A table of vectors, one a row."""

    def __init__(self, rows: int, size: int, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self.table = self.add_weight((rows, size), "zeros", name="table")
        self.built = True

    def call(self, indices: Tensor) -> Tensor:
        """Return [..., size] of int indices [...]."""
        return ops.take(self.table, indices, axis=0)


class LayerNorm(keras.Layer):
    """Layer normalization over the last axis, with scale and shift."""

    def __init__(self, size: int, epsilon: float, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self.epsilon = epsilon
        self.scale = self.add_weight((size,), "ones", name="scale")
        self.shift = self.add_weight((size,), "zeros", name="shift")
        self.built = True

    def call(self, values: Tensor) -> Tensor:
        """Return values normalized; any shape [..., size]."""
        centred = values - ops.mean(values, axis=-1, keepdims=True)
        variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
        return centred * ops.rsqrt(variance + self.epsilon) * self.scale + self.shift

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {f"{path}.scale": self.scale, f"{path}.shift": self.shift}


class Dropout(keras.Layer):
    """Zeroes elements at a rate and scales the others up; its mask is a function of its seed generator's state.

    Sixteen random bits an element halve the cost of the draw; the rate is met to within 2^-17, and the scale
    is that of the rate as drawn.
    """

    def __init__(self, rate: float, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self._zeroed = round(rate * 2**16)
        self.seed_generator = keras.random.SeedGenerator(seed=0) if self._zeroed else None
        self.built = True

    def call(self, values: Tensor, training: bool = False) -> Tensor:
        """Return values of any shape, masked where training."""
        if not training or self.seed_generator is None:
            return values
        shape = tf.shape(values)
        size = tf.reduce_prod(shape)
        words = tf.random.stateless_uniform(
            [(size + 1) // 2], self.seed_generator.next(), minval=None, maxval=None, dtype=tf.int32
        )
        bits = tf.reshape(tf.bitcast(words, tf.int16), [-1])[:size]
        kept = tf.reshape(bits >= self._zeroed - 2**15, shape)
        return values * (tf.cast(kept, values.dtype) * (1.0 / (1.0 - self._zeroed / 2**16)))

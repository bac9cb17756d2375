"""Linear map, embedding and layer norm; each names its variables by canonical path."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from ftcore_keras.functions import Tensor
from ftcore_keras.precision import Types

Variables = dict[str, Any]
"""keras.Variable by canonical path."""


class Linear(keras.Layer):
    """inputs @ kernel + bias over the last axis; the kernel is [inputs, outputs]."""

    def __init__(self, inputs: int, outputs: int, types: Types, bias: bool = True) -> None:
        super().__init__(dtype=types.variables)
        self.types = types
        self.inputs, self.outputs = inputs, outputs
        self.kernel = self.add_weight((inputs, outputs), "zeros", name="weight")
        self.bias = self.add_weight((outputs,), "zeros", name="bias") if bias else None
        self.built = True

    def call(self, values: Tensor) -> Tensor:
        """Return [rows, outputs] of values [rows, inputs]."""
        mapped = self.types.multiply(values, self.kernel)
        # The gradient of bias_add sums over rows twice as fast as that of a broadcast addition.
        return mapped if self.bias is None else tf.nn.bias_add(mapped, self.bias.value)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        weight = {f"{path}.weight": self.kernel}
        return weight if self.bias is None else {**weight, f"{path}.bias": self.bias}


def joint(values: Tensor, maps: Sequence[Linear]) -> list[Tensor]:
    """Return several linear maps, all with biases, of the same values [rows, inputs], computed as one.

    One gradient reaches the values in place of several, which TensorFlow would add up in no fixed order.
    """
    kernel = tf.concat([tf.convert_to_tensor(one.kernel) for one in maps], axis=1)
    bias = tf.concat([tf.convert_to_tensor(one.bias) for one in maps], axis=0)
    mapped = tf.nn.bias_add(maps[0].types.multiply(values, kernel), bias)
    found: list[Tensor] = tf.split(mapped, [one.outputs for one in maps], axis=1)
    return found


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

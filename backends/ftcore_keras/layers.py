"""Linear map, embedding and norms; each names its variables by canonical path."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from ftcore.contract.network import Norm
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


def joint(values: Tensor, maps: Sequence[Linear], sizes: Sequence[int]) -> list[Tensor]:
    """Return several linear maps of the same values [rows, inputs], computed as one; all have biases, or none.

    One gradient reaches the values in place of several, which TensorFlow would add up in no fixed order.

    Args:
        values: [rows, inputs].
        maps: the maps, or one that gives them all.
        sizes: columns of each result.
    """
    if len(maps) == 1:
        mapped = maps[0](values)
    else:
        kernel = tf.concat([tf.convert_to_tensor(one.kernel) for one in maps], axis=1)
        mapped = maps[0].types.multiply(values, kernel)
        if maps[0].bias is not None:
            mapped = tf.nn.bias_add(mapped, tf.concat([tf.convert_to_tensor(one.bias) for one in maps], axis=0))
    found: list[Tensor] = [mapped] if len(sizes) == 1 else tf.split(mapped, list(sizes), axis=1)
    return found


def passed_on(values: Tensor) -> Tensor:
    """Return values for one more reader: one that reads and passes on adds two gradients, in one order only.

    TensorFlow would add those of three readers up in no fixed order.
    """
    return tf.identity(values)


class Embedding(keras.Layer):
    """A table of vectors, one a row; the row `untrained` has no gradient."""

    def __init__(self, rows: int, size: int, dtype: str, untrained: int | None = None) -> None:
        super().__init__(dtype=dtype)
        self.table = self.add_weight((rows, size), "zeros", name="table")
        self._untrained = untrained
        self.built = True

    def call(self, indices: Tensor) -> Tensor:
        """Return [..., size] of int indices [...]."""
        vectors = ops.take(self.table, indices, axis=0)
        if self._untrained is None:
            return vectors
        return tf.where((indices == self._untrained)[..., None], tf.stop_gradient(vectors), vectors)


class LayerNorm(keras.Layer):
    """Layer normalization over the last axis, with scale and, where it has one, shift."""

    def __init__(self, size: int, epsilon: float, shift: bool, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self.epsilon = epsilon
        self.scale = self.add_weight((size,), "ones", name="scale")
        self.shift = self.add_weight((size,), "zeros", name="shift") if shift else None
        self.built = True

    def call(self, values: Tensor) -> Tensor:
        """Return values normalized; any shape [..., size]."""
        centred = values - ops.mean(values, axis=-1, keepdims=True)
        variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)
        scaled = centred * ops.rsqrt(variance + self.epsilon) * self.scale
        return scaled if self.shift is None else scaled + self.shift

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        scale = {f"{path}.scale": self.scale}
        return scale if self.shift is None else {**scale, f"{path}.shift": self.shift}


class RootMeanSquareNorm(keras.Layer):
    """Division by the root mean square over the last axis, with a scale that is stored less `offset`."""

    def __init__(self, size: int, epsilon: float, offset: float, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self.epsilon, self.offset = epsilon, offset
        self.scale = self.add_weight((size,), "zeros" if offset else "ones", name="scale")
        self.built = True

    def call(self, values: Tensor) -> Tensor:
        """Return values normalized; any shape [..., size]."""
        mean_square = ops.mean(ops.square(values), axis=-1, keepdims=True)
        return values * ops.rsqrt(mean_square + self.epsilon) * (self.scale + self.offset)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {f"{path}.scale": self.scale}


def norm_layer(norm: Norm, size: int, dtype: str) -> LayerNorm | RootMeanSquareNorm:
    """Return the layer of a norm over `size` channels."""
    if norm.kind == "rms":
        return RootMeanSquareNorm(size, norm.epsilon, norm.offset, dtype)
    return LayerNorm(size, norm.epsilon, norm.shift, dtype)

"""Implements normalization over the last axis; each norm names its variables by canonical path."""

import keras
from keras import ops

from ftcore.contract.network import Norm
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.layers.linear import Variables


class LayerNorm(keras.Layer):
    """Layer normalization over the last axis, with a scale and an optional shift."""

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
    """Division by the root mean square over the last axis, with a scale that is stored minus `offset`."""

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

"""Implements linear maps, single or joined; each names its variables by canonical path."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from ftcore_keras.layers.functions import Tensor, split
from ftcore_keras.layers.precision import Types

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
        """Return [rows, outputs] for values [rows, inputs]."""
        mapped = self.types.multiply(values, self.kernel)
        return mapped if self.bias is None else self.types.engine.add_bias(mapped, self.bias.value)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        weight = {f"{path}.weight": self.kernel}
        return weight if self.bias is None else {**weight, f"{path}.bias": self.bias}


def joint(values: Tensor, maps: Sequence[Linear], sizes: Sequence[int]) -> list[Tensor]:
    """Return several linear maps of the same values [rows, inputs], computed as one; either all or none have biases.

    The values then have one gradient instead of several, which TensorFlow would add in no fixed order.

    Args:
        values: [rows, inputs].
        maps: the maps, or one that computes all of them.
        sizes: columns of each result.

    Returns:
        Float [rows, size] for each size.
    """
    if len(maps) == 1:
        return split(maps[0](values), sizes)
    types = maps[0].types
    mapped = types.multiply(values, ops.concatenate([one.kernel for one in maps], axis=1))
    if maps[0].bias is not None:
        mapped = types.engine.add_bias(mapped, ops.concatenate([one.bias for one in maps], axis=0))
    return split(mapped, sizes)

"""Puts batches on the device, and compiles functions of them once per signature."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from ftcore.contract import Batch
from ftcore_keras.examples import Examples, Tensors
from ftcore_keras.network import KerasNetwork


def examples_of(batch: Batch, with_targets: bool = True, draws: Tensors | None = None) -> Examples:
    """Return a batch's arrays as tensors."""
    targets = _tensors(batch.targets) if with_targets else {}
    return Examples(_tensors(batch.inputs), targets, tf.convert_to_tensor(batch.weights), draws or {})


def _tensors(arrays: Mapping[str, np.ndarray]) -> Tensors:
    return {name: tf.convert_to_tensor(array) for name, array in arrays.items()}


class Graph:
    """A function of examples and scalars, compiled once for each signature of the examples.

    The network defines which dimensions stay open, so a batch of another size or length needs no new trace.
    """

    def __init__(self, function: Callable[..., Any], network: KerasNetwork, xla: bool) -> None:
        self._function = function
        self._network = network
        self._xla = xla
        self._compiled: dict[str, Callable[..., Any]] = {}

    def __call__(self, examples: Examples, *scalars: tf.Tensor) -> Any:
        """Call the graph of the arguments' signature."""
        arguments = (examples, *scalars)
        signature = (tf.nest.map_structure(self._spec, examples), *map(tf.TensorSpec.from_tensor, scalars))
        key = str(signature)
        if key not in self._compiled:
            self._compiled[key] = tf.function(
                self._function, input_signature=signature, jit_compile=self._xla or None, autograph=False
            )
        return self._compiled[key](*arguments)

    def _spec(self, tensor: tf.Tensor) -> tf.TensorSpec:
        return tf.TensorSpec(self._network.signature(tuple(tensor.shape)), tensor.dtype)

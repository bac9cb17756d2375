"""Defines functions of tensors that several layers share.

Activations have constants of the tensor's own type: keras.ops rounds some of them to float32.
"""

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import ml_dtypes
from keras import ops

from ftcore.contract.network import SHORTEST

Tensor = Any
"""A tensor of the Keras backend; Keras has no type for it."""


@ops.custom_gradient  # type: ignore[untyped-decorator]
def gelu(values: Tensor) -> tuple[Tensor, Callable[..., Tensor]]:
    """Return values * Phi(values), Phi by erf; any shape."""
    # Automatic differentiation would pass over the widest activation of a block twice as often.
    scaled = values * math.sqrt(0.5)
    probability = 0.5 * (1.0 + ops.erf(scaled))

    def gradient(*upstream: Tensor) -> Tensor:
        density = ops.exp(-0.5 * math.log(2.0 * math.pi) - ops.square(scaled))
        return upstream[-1] * (probability + values * density)

    return values * probability, gradient


def gelu_tanh(values: Tensor) -> Tensor:
    """Return the tanh approximation of GELU (Hendrycks and Gimpel 2016); any shape."""
    inner = math.sqrt(2.0 / math.pi) * (values + 0.044715 * values * values * values)
    return 0.5 * values * (1.0 + ops.tanh(inner))


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
    "relu": ops.relu,
    "silu": ops.silu,
    "tanh": ops.tanh,
}
"""Activation functions by their names in ftcore.contract.network."""


def normalized(vectors: Tensor) -> Tensor:
    """Return vectors [..., size] divided by their Euclidean lengths."""
    squares = ops.sum(ops.square(vectors), axis=-1, keepdims=True)
    # The root of a maximum, unlike the maximum of the root and SHORTEST, has a gradient at zero.
    return vectors * ops.rsqrt(ops.maximum(squares, SHORTEST**2))


def split(values: Tensor, sizes: Sequence[int]) -> list[Tensor]:
    """Return values [..., channels] split at the last axis into [..., size] for each size; the sizes add up."""
    if len(sizes) == 1:
        return [values]
    return list(ops.split(values, list(accumulate(sizes[:-1])), axis=-1))


def passed_on(values: Tensor) -> Tensor:
    """Return values for one more reader, so that each point adds only two gradients, in a fixed order.

    TensorFlow would add the gradients of three readers in no fixed order.
    """
    return ops.copy(values)


def lowest(dtype: str) -> float:
    """Return the lowest finite number of a floating type."""
    return float(ml_dtypes.finfo(dtype).min)  # type: ignore[no-untyped-call]

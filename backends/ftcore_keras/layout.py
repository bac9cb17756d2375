"""How sequences lie in the rows of a batch, and how a head reads each one's own tokens."""

from collections.abc import Callable, Mapping

import keras
import tensorflow as tf
from keras import ops

from ftcore_keras.functions import Tensor, lowest

Inputs = Mapping[str, Tensor]
Pool = Callable[[Tensor, Inputs], Tensor]
"""(hidden_states [rows, length, hidden], inputs of the batch) -> [sequences, hidden]"""


def attention_bias(inputs: Inputs, dtype: str) -> Tensor:
    """Return what excludes other segments, or padding, when it is added to scores: 0, or the lowest number.

    A score is lost in the lowest number, and its exponential is exactly 0: the mask excludes, it does not bias.

    Args:
        inputs: of the batch: `segment_ids` [rows, length], or `attention_mask` [rows, length], 0 for padding.
        dtype: of the scores.

    Returns:
        float [rows, 1, length or 1, length].
    """
    if "segment_ids" in inputs:
        segments = inputs["segment_ids"]
        excluded = ops.not_equal(segments[:, :, None], segments[:, None, :])
    else:
        excluded = ops.equal(inputs["attention_mask"], 0)[:, None, :]
    return (ops.cast(excluded, dtype) * lowest(dtype))[:, None]


def pool(name: str, hidden_states: Tensor, inputs: Inputs) -> Tensor:
    """Return one vector a sequence, [sequences, hidden]."""
    pools = PACKED_POOLS if "segment_ids" in inputs else PADDED_POOLS
    return pools[name](hidden_states, inputs)


def _first(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    return hidden_states[:, 0]


def _mean(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    mask = ops.cast(inputs["attention_mask"], hidden_states.dtype)[:, :, None]
    return ops.sum(hidden_states * mask, axis=1) / ops.sum(mask, axis=1)


def _max(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    real = ops.not_equal(inputs["attention_mask"], 0)[:, :, None]
    return ops.max(ops.where(real, hidden_states, lowest(keras.backend.standardize_dtype(hidden_states.dtype))), axis=1)


def _last(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    mask = inputs["attention_mask"]
    positions = ops.arange(ops.shape(mask)[1], dtype="int32")
    last = ops.argmax(positions * ops.cast(ops.not_equal(mask, 0), "int32"), axis=1)
    chosen = ops.cast(ops.equal(positions[None, :], ops.cast(last, "int32")[:, None]), hidden_states.dtype)
    return ops.sum(hidden_states * chosen[:, :, None], axis=1)


def _flat(hidden_states: Tensor) -> Tensor:
    return ops.reshape(hidden_states, (-1, hidden_states.shape[-1]))


def _packed_first(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    return ops.take(_flat(hidden_states), inputs["starts"], axis=0)


def _packed_mean(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    sequences = ops.arange(ops.shape(inputs["starts"])[0], dtype="int32")
    member = ops.equal(ops.reshape(inputs["segment_ids"], (1, -1)), sequences[:, None])
    total = ops.matmul(ops.cast(member, hidden_states.dtype), _flat(hidden_states))
    return total / ops.cast(inputs["lengths"], hidden_states.dtype)[:, None]


def _packed_max(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    count = tf.shape(inputs["starts"])[0]
    segments = tf.reshape(inputs["segment_ids"], [-1])
    return tf.math.unsorted_segment_max(_flat(hidden_states), segments, count + 1)[:count]


def _packed_last(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    return ops.take(_flat(hidden_states), inputs["starts"] + inputs["lengths"] - 1, axis=0)


PADDED_POOLS: Mapping[str, Pool] = {"pooler": _first, "cls": _first, "mean": _mean, "max": _max, "last": _last}
PACKED_POOLS: Mapping[str, Pool] = {
    "pooler": _packed_first,
    "cls": _packed_first,
    "mean": _packed_mean,
    "max": _packed_max,
    "last": _packed_last,
}

"""Handles the layout of sequences in the rows of a batch, and a head's reading of each sequence's tokens."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import keras
from keras import ops

from ftcore.contract.network import ONE_TOKEN, Pooling
from ftcore_keras.layers.functions import Tensor, lowest

Inputs = Mapping[str, Tensor]
Pool = Callable[[Tensor, Inputs], Tensor]
"""Maps hidden_states [rows, length, hidden] and the inputs of the batch to [sequences, hidden]."""


class Reading(NamedTuple):
    """The one token of each sequence that a head reads.

    Attributes:
        places: int32 [sequences], its position in the concatenated rows.
        sequences: int32 [rows, slots], the sequence of each slot's token; unused slots repeat some sequence.
        slots: int32 [sequences], the slot of each sequence in the rows' concatenated slots.
        bias: float [rows, 1, slots or 1, length], 0 where the slot's token attends, else the lowest number.
    """

    places: Tensor
    sequences: Tensor
    slots: Tensor
    bias: Tensor


def reading(pooling: Pooling | None, inputs: Inputs, dtype: str) -> Reading | None:
    """Return what a pooling reads; None if it reads several tokens of a sequence."""
    places = _places(pooling, inputs)
    if places is None:
        return None
    count = ops.shape(places)[0]
    if "segment_ids" not in inputs:
        rows = ops.arange(count, dtype="int32")
        return Reading(places, rows[:, None], rows, attention_bias(inputs, dtype))
    sequences = inputs["sequences"]
    excluded = ops.not_equal(sequences[:, :, None], inputs["segment_ids"][:, None, :])
    slots = ops.argsort(ops.reshape(sequences, (-1,)))[:count]
    return Reading(places, ops.minimum(sequences, count - 1), slots, _additive(excluded, dtype)[:, None])


def _places(pooling: Pooling | None, inputs: Inputs) -> Tensor | None:
    """Return the position in the concatenated rows of the one token that a pooling reads, or None."""
    if pooling not in ONE_TOKEN:
        return None
    if "segment_ids" in inputs:
        return inputs["starts"] + inputs["lengths"] - 1 if pooling == "last" else inputs["starts"]
    mask = inputs["attention_mask"]
    rows, length = ops.shape(mask)
    starts = ops.arange(rows, dtype="int32") * length
    if pooling != "last":
        return starts
    return starts + ops.argmax(ops.arange(length, dtype="int32") * ops.cast(mask != 0, "int32"), axis=1)


def with_mask(inputs: Inputs, tokens: int) -> Inputs:
    """Return the inputs of images with an `attention_mask` of `tokens` tokens each, none of them padding."""
    return {**inputs, "attention_mask": ops.ones((ops.shape(inputs["pixel_values"])[0], tokens), dtype="int32")}


def length(inputs: Inputs) -> Tensor:
    """Return the number of tokens of a row, int32 []."""
    return ops.shape(inputs["input_ids" if "input_ids" in inputs else "attention_mask"])[1]


def position_ids(inputs: Inputs) -> Tensor:
    """Return each token's position in its sequence, int32 [rows or 1, length]."""
    if "position_ids" in inputs:
        return inputs["position_ids"]
    return ops.arange(length(inputs), dtype="int32")[None]


def counted(positions: Tensor, ids: Tensor, uncounted: int) -> Tensor:
    """Return the positions, int32 [rows, length], without the token that does not count; its own are -1.

    Args:
        positions: int32 [rows or 1, length], the place of each token in its sequence.
        ids: int32 [rows, length].
        uncounted: id of the token that does not count.
    """
    left_out = ops.cast(ops.equal(ids, uncounted), "int32")
    before = ops.cumsum(left_out, axis=1) - left_out
    starts = ops.arange(ops.shape(ids)[1], dtype="int32") - positions
    earlier = before - ops.take_along_axis(before, ops.broadcast_to(starts, ops.shape(ids)), axis=1)
    return ops.where(left_out > 0, -1, positions - earlier)


def attention_bias(
    inputs: Inputs, dtype: str, causal: bool = False, window: int | None = None, new: Tensor | None = None
) -> Tensor:
    """Return a mask of other segments or padding to add to scores: 0, or the lowest number.

    The lowest number absorbs any score, and its exponential is exactly 0, so masked tokens have no influence.

    Args:
        inputs: inputs of the batch: `segment_ids` [rows, length], or `attention_mask` [rows, length], 0 for padding.
        dtype: type of the scores.
        causal: whether later tokens are also excluded.
        window: distance from which on a token does not attend to others, or None.
        new: int32 [], number of last tokens that attend, if the ones before already have; None for all.

    Returns:
        float [rows, 1, queries or 1, length]; the queries are the attending tokens.
    """
    if "segment_ids" in inputs:
        segments = inputs["segment_ids"]
        excluded = ops.not_equal(segments[:, :, None], segments[:, None, :])
    else:
        excluded = ops.equal(inputs["attention_mask"], 0)[:, None, :]
    if causal or window is not None:
        tokens = ops.shape(excluded)[2]
        excluded = excluded | _out_of_reach(tokens, causal, window, tokens if new is None else new)
    return _additive(excluded, dtype)[:, None]


def _out_of_reach(length: Tensor, causal: bool, window: int | None, new: Tensor) -> Tensor:
    """Return bool [new, length]: whether distance or causality keeps a last token from attending to another."""
    places = ops.arange(length, dtype="int32")
    before = places[length - new :, None] - places[None, :]
    later = before < 0 if causal else ops.zeros_like(before, dtype="bool")
    return later if window is None else later | (ops.abs(before) >= window)


def _additive(excluded: Tensor, dtype: str) -> Tensor:
    return ops.cast(excluded, dtype) * lowest(dtype)


def pool(name: Pooling, hidden_states: Tensor, inputs: Inputs) -> Tensor:
    """Return one vector per sequence, [sequences, hidden]."""
    places = _places(name, inputs)
    if places is not None:
        return ops.take(_flat(hidden_states), places, axis=0)
    pools = PACKED_POOLS if "segment_ids" in inputs else PADDED_POOLS
    return pools[name](hidden_states, inputs)


def _mean(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    mask = ops.cast(inputs["attention_mask"], hidden_states.dtype)[:, :, None]
    return ops.sum(hidden_states * mask, axis=1) / ops.sum(mask, axis=1)


def _max(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    real = ops.not_equal(inputs["attention_mask"], 0)[:, :, None]
    return ops.max(ops.where(real, hidden_states, lowest(keras.backend.standardize_dtype(hidden_states.dtype))), axis=1)


def _flat(hidden_states: Tensor) -> Tensor:
    return ops.reshape(hidden_states, (-1, hidden_states.shape[-1]))


def _packed_mean(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    sequences = ops.arange(ops.shape(inputs["starts"])[0], dtype="int32")
    member = ops.equal(ops.reshape(inputs["segment_ids"], (1, -1)), sequences[:, None])
    total = ops.matmul(ops.cast(member, hidden_states.dtype), _flat(hidden_states))
    return total / ops.cast(inputs["lengths"], hidden_states.dtype)[:, None]


def _packed_max(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    count = ops.shape(inputs["starts"])[0]
    segments = ops.reshape(inputs["segment_ids"], (-1,))
    return ops.segment_max(_flat(hidden_states), segments, count + 1)[:count]


PADDED_POOLS: Mapping[str, Pool] = {"mean": _mean, "max": _max}
PACKED_POOLS: Mapping[str, Pool] = {"mean": _packed_mean, "max": _packed_max}

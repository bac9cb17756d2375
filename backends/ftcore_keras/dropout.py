"""Dropout by the contract's keyed masks."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import tensorflow as tf

from ftcore import dropout as definition
from ftcore.backend import Batch
from ftcore_keras.functions import Tensor

Draws = Mapping[str, tf.Tensor]
"""`sites` int32 [sites], `examples` int32 [examples] and, for tokens, `tokens` int32 [rows, length]."""


def draws_of(batch: Batch, seed: int, step: int, sites: Sequence[str]) -> dict[str, tf.Tensor]:
    """Return the keys of a batch at a step, as tensors."""
    keys = definition.keys(batch)
    arrays = {"sites": definition.site_keys(seed, step, sites), "examples": keys.examples}
    if keys.tokens is not None:
        arrays["tokens"] = keys.tokens
    return {name: tf.convert_to_tensor(array) for name, array in arrays.items()}


class Masks:
    """The masks of one training step; part of a graph."""

    def __init__(self, draws: Draws, sites: Sequence[str]) -> None:
        self._draws = draws
        self._of_site = {site: draws["sites"][index] for index, site in enumerate(sites)}

    def tokens(self, values: Tensor, rate: float, site: str) -> Tensor:
        """Return values [rows * length, channels] masked."""
        return self._channels(values, rate, tf.reshape(self._draws["tokens"], [-1]), site)

    def examples(self, values: Tensor, rate: float, site: str) -> Tensor:
        """Return values [examples, channels] masked."""
        return self._channels(values, rate, self._draws["examples"], site)

    def attention_weights(self, weights: Tensor, rate: float, site: str) -> Tensor:
        """Return weights [rows, heads, length, length] masked."""
        tokens = self._draws["tokens"]
        queries = tf.bitwise.bitwise_xor(tokens, self._of_site[site])
        heads = tf.constant(definition.channel_keys(weights.shape[1]))
        return _masked(partial(_drop_pairs, rate, queries, tokens * definition.FIRST, heads), weights, rate)

    def _channels(self, values: Tensor, rate: float, keys: Tensor, site: str) -> Tensor:
        of_rows = tf.bitwise.bitwise_xor(keys, self._of_site[site])
        channels = tf.constant(definition.channel_keys(values.shape[-1]))
        return _masked(partial(_drop_channels, rate, of_rows, channels), values, rate)


def _masked(drop: Callable[[Tensor], Tensor], values: Tensor, rate: float) -> Tensor:
    """Return drop(values); its gradient drops the same elements, drawn anew in place of being kept."""
    if rate == 0.0:
        return values
    return tf.custom_gradient(lambda whole: (drop(whole), drop))(values)


# Single operations pass over memory ten times, XLA's fusion once. The step around it need not be compiled by XLA.
_fused = partial(tf.function, jit_compile=True, autograph=False)


@_fused
def _drop_channels(rate: float, rows: Tensor, channels: Tensor, values: Tensor) -> Tensor:
    """Return values [rows, channels] masked, by int32 keys [rows] and [channels]."""
    return _drop(rate, tf.bitwise.bitwise_xor(rows[:, None], channels[None, :]), values)


@_fused
def _drop_pairs(rate: float, queries: Tensor, keys: Tensor, heads: Tensor, weights: Tensor) -> Tensor:
    """Return weights [rows, heads, length, length] masked, by int32 keys [rows, length], the same, and [heads]."""
    pairs = queries[:, :, None] + keys[:, None, :]
    return _drop(rate, tf.bitwise.bitwise_xor(pairs[:, None], heads[None, :, None, None]), weights)


def _drop(rate: float, elements: Tensor, values: Tensor) -> Tensor:
    return values * (tf.cast(_kept(elements, rate), values.dtype) * (1.0 / (1.0 - rate)))


def _kept(elements: Tensor, rate: float) -> Tensor:
    """Return which int32 `elements` are kept, as `ftcore.dropout.kept`."""
    hashed = elements * definition.FIRST
    low = tf.bitwise.bitwise_and(tf.bitwise.right_shift(hashed, definition.SHIFT), definition.LOW_BITS)
    hashed = tf.bitwise.bitwise_xor(hashed, low) * definition.SECOND
    return hashed >= definition.threshold(rate)

"""Dropout by the contract's keyed masks."""

from collections.abc import Callable, Mapping, Sequence

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
        return self._drop(values, rate, lambda: self._channels(tf.reshape(self._draws["tokens"], [-1]), values, site))

    def examples(self, values: Tensor, rate: float, site: str) -> Tensor:
        """Return values [examples, channels] masked."""
        return self._drop(values, rate, lambda: self._channels(self._draws["examples"], values, site))

    def attention_weights(self, weights: Tensor, rate: float, site: str) -> Tensor:
        """Return weights [rows, heads, length, length] masked."""
        return self._drop(weights, rate, lambda: self._pairs(weights, site))

    def _channels(self, keys: Tensor, values: Tensor, site: str) -> Tensor:
        of_rows = tf.bitwise.bitwise_xor(keys, self._of_site[site])
        return tf.bitwise.bitwise_xor(of_rows[:, None], definition.channel_keys(values.shape[-1])[None, :])

    def _pairs(self, weights: Tensor, site: str) -> Tensor:
        tokens = self._draws["tokens"]
        of_queries = tf.bitwise.bitwise_xor(tokens, self._of_site[site])
        pairs = of_queries[:, :, None] + (tokens * definition.FIRST)[:, None, :]
        heads = definition.channel_keys(weights.shape[1])[None, :, None, None]
        return tf.bitwise.bitwise_xor(pairs[:, None], heads)

    @staticmethod
    def _drop(values: Tensor, rate: float, elements: Callable[[], Tensor]) -> Tensor:
        if rate == 0.0:
            return values
        return values * (tf.cast(_kept(elements(), rate), values.dtype) * (1.0 / (1.0 - rate)))


def _kept(elements: Tensor, rate: float) -> Tensor:
    """Return which int32 `elements` are kept, as `ftcore.dropout.kept`."""
    hashed = elements * definition.FIRST
    low = tf.bitwise.bitwise_and(tf.bitwise.right_shift(hashed, definition.SHIFT), definition.LOW_BITS)
    hashed = tf.bitwise.bitwise_xor(hashed, low) * definition.SECOND
    return hashed >= definition.threshold(rate)

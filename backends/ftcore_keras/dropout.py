"""Dropout by the contract's keyed masks."""

import copy
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import tensorflow as tf

from ftcore.contract import Batch
from ftcore.contract import dropout as definition
from ftcore_keras.functions import Tensor
from ftcore_keras.layout import Reading

Draws = Mapping[str, tf.Tensor]
"""`sites` int32 [sites], `examples` int32 [examples] and, for tokens, `tokens` int32 [rows, length].

An encoder-decoder has `decoder_tokens` int32 [rows, target length], too.
"""


def draws_of(batch: Batch, seed: int, step: int, sites: Sequence[str], image_tokens: int = 0) -> dict[str, tf.Tensor]:
    """Return the keys of a batch at a step, as tensors; see `Network.image_tokens`."""
    keys = definition.keys(batch, image_tokens)
    arrays = {"sites": definition.site_keys(seed, step, sites), "examples": keys.examples}
    if keys.tokens is not None:
        arrays["tokens"] = keys.tokens
    if keys.decoder_tokens is not None:
        arrays["decoder_tokens"] = keys.decoder_tokens
    return {name: tf.convert_to_tensor(array) for name, array in arrays.items()}


class Masks:
    """The masks of one training step; part of a graph."""

    def __init__(self, draws: Draws, sites: Sequence[str]) -> None:
        self._of_site = {site: draws["sites"][index] for index, site in enumerate(sites)}
        self._examples = draws["examples"]
        if "tokens" in draws:
            self._keys = self._queries = draws["tokens"]
            self._tokens = tf.reshape(draws["tokens"], [-1])
        self._encoder, self._decoder = draws.get("tokens"), draws.get("decoder_tokens")

    def read(self, reading: Reading) -> "Masks":
        """Return the masks of a block that only the read tokens go through."""
        found = copy.copy(self)
        found._tokens = tf.gather(self._tokens, reading.places)
        found._queries = tf.gather(found._tokens, reading.sequences)
        return found

    def of_decoder(self) -> "Masks":
        """Return the masks of an encoder-decoder's decoder."""
        found = copy.copy(self)
        found._keys = found._queries = self._decoder
        found._tokens = tf.reshape(self._decoder, [-1])
        return found

    def across(self) -> "Masks":
        """Return a decoder's masks with the encoder's tokens as keys of attention."""
        found = copy.copy(self)
        found._keys = self._encoder
        return found

    def tokens(self, values: Tensor, rate: float, site: str) -> Tensor:
        """Return values [tokens, channels] masked."""
        return self._channels(values, rate, self._tokens, site)

    def examples(self, values: Tensor, rate: float, site: str) -> Tensor:
        """Return values [examples, channels] masked."""
        return self._channels(values, rate, self._examples, site)

    def table_rows(self, values: Tensor, rate: float, keys: Tensor, site: str) -> Tensor:
        """Return rows of a table that all tokens read, [rows, channels], masked by their own keys, int32 [rows]."""
        return self._channels(values, rate, keys, site)

    def attention_weights(self, weights: Tensor, rate: float, site: str) -> Tensor:
        """Return weights [rows, heads, queries, keys] masked."""
        if rate == 0.0:
            return weights
        heads = tf.constant(definition.channel_keys(weights.shape[1]))
        queries = tf.bitwise.bitwise_xor(self._queries, self._of_site[site])[:, None] * heads[:, None]
        return _masked(partial(_drop, rate, queries[..., None], self._keys[:, None, None]), weights)

    def _channels(self, values: Tensor, rate: float, keys: Tensor, site: str) -> Tensor:
        if rate == 0.0:
            return values
        of_rows = tf.bitwise.bitwise_xor(keys, self._of_site[site])
        channels = tf.constant(definition.channel_keys(values.shape[-1]))
        return _masked(partial(_drop, rate, of_rows[:, None], channels), values)


def _masked(drop: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    """Return drop(values); its gradient drops the same elements, drawn anew in place of being kept."""
    return tf.custom_gradient(lambda whole: (drop(whole), drop))(values)


# Single operations pass over memory several times, XLA's fusion once. The step around it need not be compiled by XLA.
@partial(tf.function, jit_compile=True, autograph=False)
def _drop(rate: float, one: Tensor, other: Tensor, values: Tensor) -> Tensor:
    """Return values masked by the broadcast product of int32 keys, as `ftcore.contract.dropout.kept`."""
    kept = one * other >= definition.threshold(rate)
    return values * (tf.cast(kept, values.dtype) * (1.0 / (1.0 - rate)))

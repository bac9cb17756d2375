"""Implements dropout by the contract's keyed masks."""

import copy
from collections.abc import Mapping, Sequence

from keras import ops

from ftcore.contract import Batch
from ftcore.contract import dropout as definition
from ftcore_keras.layers.engine import Engine
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.layers.layout import Reading

Draws = Mapping[str, Tensor]
"""`sites` int32 [sites], `examples` int32 [examples] and, for tokens, `tokens` int32 [rows, length].

An encoder-decoder also has `decoder_tokens` int32 [rows, target length].
"""


def draws_of(batch: Batch, seed: int, step: int, sites: Sequence[str], image_tokens: int = 0) -> dict[str, Tensor]:
    """Return the keys of a batch at a step, as tensors; see `Network.image_tokens`."""
    keys = definition.keys(batch, image_tokens)
    arrays = {"sites": definition.site_keys(seed, step, sites), "examples": keys.examples}
    if keys.tokens is not None:
        arrays["tokens"] = keys.tokens
    if keys.decoder_tokens is not None:
        arrays["decoder_tokens"] = keys.decoder_tokens
    return {name: ops.convert_to_tensor(array) for name, array in arrays.items()}


class Masks:
    """The dropout masks of one training step, which the engine applies; part of a graph."""

    def __init__(self, draws: Draws, sites: Sequence[str], engine: Engine) -> None:
        self._engine = engine
        self._of_site = {site: draws["sites"][index] for index, site in enumerate(sites)}
        self._examples = draws["examples"]
        if "tokens" in draws:
            self._keys = self._queries = draws["tokens"]
            self._tokens = ops.reshape(draws["tokens"], (-1,))
        self._encoder, self._decoder = draws.get("tokens"), draws.get("decoder_tokens")

    def read(self, reading: Reading) -> "Masks":
        """Return the masks of a block that computes only the read tokens."""
        found = copy.copy(self)
        found._tokens = ops.take(self._tokens, reading.places, axis=0)
        found._queries = ops.take(found._tokens, reading.sequences, axis=0)
        return found

    def of_decoder(self) -> "Masks":
        """Return the masks of an encoder-decoder's decoder."""
        found = copy.copy(self)
        found._keys = found._queries = self._decoder
        found._tokens = ops.reshape(self._decoder, (-1,))
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
        heads = ops.convert_to_tensor(definition.channel_keys(weights.shape[1]))
        queries = ops.bitwise_xor(self._queries, self._of_site[site])[:, None] * heads[:, None]
        return self._engine.dropped(weights, rate, queries[..., None], self._keys[:, None, None])

    def _channels(self, values: Tensor, rate: float, keys: Tensor, site: str) -> Tensor:
        if rate == 0.0:
            return values
        of_rows = ops.bitwise_xor(keys, self._of_site[site])
        channels = ops.convert_to_tensor(definition.channel_keys(values.shape[-1]))
        return self._engine.dropped(values, rate, of_rows[:, None], channels)

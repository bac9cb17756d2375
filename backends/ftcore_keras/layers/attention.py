"""Implements self- and cross-attention with grouped keys, head norms, rotary positions and bounded scores.

The additional scores of disentangled attention are in disentangled.py.
"""

from typing import Any, NamedTuple

import keras
from keras import ops

from ftcore.contract import network
from ftcore.contract.network import Rotary, Transformer
from ftcore_keras.layers.disentangled import PositionScores, RelativeRows
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.functions import Tensor, passed_on, split
from ftcore_keras.layers.layout import Reading
from ftcore_keras.layers.linear import Linear, Variables, joint
from ftcore_keras.layers.norm import norm_layer
from ftcore_keras.layers.precision import Types
from ftcore_keras.layers.rotary import Rotation, turned


class Memory(NamedTuple):
    """The encoder's output, to which a decoder's cross-attention attends.

    Attributes:
        rows: float [rows * length, hidden].
        bias: float [rows, 1, 1, length], 0 for a token, the lowest number for padding.
    """

    rows: Tensor
    bias: Tensor

    def passed_on(self) -> "Memory":
        """Return the same for the next block."""
        return self._replace(rows=passed_on(self.rows))


class KeysValues(NamedTuple):
    """The keys and values of tokens, float [rows, key_value_heads, length, channels] each."""

    keys: Tensor
    values: Tensor

    def followed_by(self, keys: Tensor, values: Tensor) -> "KeysValues":
        """Return these, followed by the keys and values of the next tokens."""
        return KeysValues(ops.concatenate([self.keys, keys], axis=2), ops.concatenate([self.values, values], axis=2))


class Remembered(NamedTuple):
    """Keys and values of a block's cross-attention during generation, computed once from the memory.

    Attributes:
        found: the memory's keys and values.
        bias: bias of the memory.
    """

    found: KeysValues
    bias: Tensor


class Attention(keras.Layer):
    """The attention part between a block's norm and residual; `path` is its canonical path."""

    def __init__(
        self, body: Transformer, described: network.Attention, path: str, rotary: Rotary | None, types: Types
    ) -> None:
        super().__init__(dtype=types.variables)
        self._path, self._dropout, self._types, self._described = path, body.attention_dropout, types, described
        self._pairs = 0 if rotary is None else len(rotary.frequencies)
        queries, keys = described.heads * described.channels, described.key_value_heads * described.channels
        sizes = {"query": queries, "key": keys, "value": keys}
        self._sizes = list(sizes.values())
        if described.joint:
            sizes = {"query_key_value": queries + 2 * keys}
        self.maps = {
            name: Linear(body.hidden, size, types, name.partition("_")[0] in described.biases)
            for name, size in sizes.items()
        }
        self.output_map = Linear(queries, body.hidden, types, "output" in described.biases)
        norm = described.head_norm
        self.head_norms = (
            {}
            if norm is None
            else {name: norm_layer(norm, described.channels, types.variables) for name in ("query", "key")}
        )
        relative = described.disentangled
        self.position_scores = None if relative is None else PositionScores(relative, body, path, self.maps, types)
        self.built = True

    def call(
        self,
        rows: Tensor,
        bias: Tensor,
        rotation: Rotation | None,
        table: RelativeRows | None,
        masks: Masks | None,
    ) -> Tensor:
        """Return [rows * length, hidden] for rows of the same shape; bias as in `attention_bias`."""
        query, key, value = joint(rows, list(self.maps.values()), self._sizes)
        if self.position_scores is not None:
            bias = bias + self.position_scores(query, key, table, masks=masks)
        return self.output_map(self._mix(query, key, value, bias, rotation, masks))

    def across(self, rows: Tensor, memory: Memory, masks: Masks | None) -> Tensor:
        """Return the cross-attention of rows [rows * length, hidden] to a memory, in the same shape; decoder masks."""
        masks = None if masks is None else masks.across()
        key, value = joint(memory.rows, [self.maps["key"], self.maps["value"]], self._sizes[1:])
        return self.output_map(self._mix(self.maps["query"](rows), key, value, memory.bias, None, masks))

    def read(self, rows: Tensor, reading: Reading, masks: Masks | None) -> Tensor:
        """Return only the read tokens, [sequences, hidden], of rows [rows * length, hidden]; masks for them."""
        read = ops.take(rows, reading.places, axis=0)
        query = ops.take(self.maps["query"](read), ops.reshape(reading.sequences, (-1,)), axis=0)
        key, value = joint(rows, [self.maps["key"], self.maps["value"]], self._sizes[1:])
        mixed = self._mix(query, key, value, reading.bias, None, masks)
        return self.output_map(ops.take(mixed, reading.slots, axis=0))

    def step(
        self, rows: Tensor, bias: Tensor, rotation: Rotation | None, past: KeysValues
    ) -> tuple[Tensor, KeysValues]:
        """Return the attention of new tokens only, and the keys and values of all tokens.

        Args:
            rows: the new tokens, [rows * new, hidden].
            bias: bias of the new tokens to all tokens, [rows, heads or 1, new, length].
            rotation: rotation of the new tokens.
            past: keys and values of the tokens before.
        """
        # Joined kernels would be concatenated again for each token.
        mapped = [linear(rows) for linear in self.maps.values()]
        query, key, value = split(mapped[0], self._sizes) if self._described.joint else mapped
        shape = (ops.shape(bias)[0], -1)
        past = past.followed_by(self._heads("key", key, shape, rotation), self._heads("value", value, shape, None))
        query = self._heads("query", query, shape, rotation)
        return self.output_map(self._attended(query, past, bias, None)), past

    def remembered(self, memory: Memory) -> Remembered:
        """Return the keys and values of a memory for `across_step`."""
        shape = (ops.shape(memory.bias)[0], -1)
        key, value = (self.maps[name](memory.rows) for name in ("key", "value"))
        found = KeysValues(self._heads("key", key, shape, None), self._heads("value", value, shape, None))
        return Remembered(found, memory.bias)

    def across_step(self, rows: Tensor, memory: Remembered) -> Tensor:
        """Return the cross-attention of rows [rows * new, hidden] to a memory, in the same shape."""
        query = self._heads("query", self.maps["query"](rows), (ops.shape(memory.bias)[0], -1), None)
        return self.output_map(self._attended(query, memory.found, memory.bias, None))

    def _mix(
        self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor, rotation: Rotation | None, masks: Masks | None
    ) -> Tensor:
        """Return the attention of each query, [rows * queries, heads * channels].

        The bias, [rows, heads or 1, queries or 1, keys], is added to the scores.
        """
        rows, length = ops.shape(bias)[0], ops.shape(bias)[3]
        query = self._heads("query", query, (rows, -1), rotation)
        key, value = self._heads("key", key, (-1, length), rotation), self._heads("value", value, (-1, length), None)
        return self._attended(query, KeysValues(key, value), bias, masks)

    def _attended(self, query: Tensor, others: KeysValues, bias: Tensor, masks: Masks | None) -> Tensor:
        """Return the attention of queries [rows, heads, queries, channels], [rows * queries, heads * channels]."""
        scores = self._grouped_product(query * self._described.scale, ops.swapaxes(others.keys, -1, -2))
        if self._described.cap is not None:
            scores = ops.tanh(scores / self._described.cap) * self._described.cap
        weights = ops.softmax(scores + bias, axis=-1)
        if masks is not None:
            weights = masks.attention_weights(weights, self._dropout, f"{self._path}.weights")
        mixed = ops.transpose(self._grouped_product(weights, others.values), (0, 2, 1, 3))
        return ops.reshape(mixed, (-1, self._described.heads * self._described.channels))

    def _heads(self, name: str, tokens: Tensor, shape: tuple[Any, Any], rotation: Rotation | None) -> Tensor:
        """Return [rows, heads, length, channels] of [rows * length, heads * channels], normalized and rotated."""
        heads = ops.reshape(tokens, (*shape, tokens.shape[-1] // self._described.channels, self._described.channels))
        if name in self.head_norms:
            heads = self.head_norms[name](heads)
        heads = ops.transpose(heads, (0, 2, 1, 3))
        return heads if rotation is None else turned(heads, rotation, self._pairs)

    def _grouped_product(self, first: Tensor, second: Tensor) -> Tensor:
        """Return first [rows, heads, queries, n] times second [rows, key_value_heads, n, m], which groups share."""
        heads, shared = self._described.heads, self._described.key_value_heads
        if heads == shared:
            return self._types.multiply(first, second)
        # The queries of a group are adjacent, so that keys and values need not be repeated.
        shape = ops.shape(first)
        together = ops.reshape(first, (shape[0], shared, heads // shared * shape[2], shape[3]))
        product = self._types.multiply(together, second)
        return ops.reshape(product, (shape[0], heads, shape[2], ops.shape(product)[3]))

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        found = self.output_map.named(f"{path}.output")
        for name, linear in self.maps.items():
            found |= linear.named(f"{path}.{name}")
        for name, norm in self.head_norms.items():
            found |= norm.named(f"{path}.{name}_norm")
        return found if self.position_scores is None else found | self.position_scores.named(path)

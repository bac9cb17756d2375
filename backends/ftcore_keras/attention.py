"""Self-attention with several heads: grouped keys, norms of heads, rotary positions, bounded scores.

What disentangled attention adds to the scores is in disentangled.py.
"""

from typing import Any

import keras
from keras import ops

from ftcore.models.network import Rotary, Transformer
from ftcore_keras.disentangled import PositionScores, RelativeRows
from ftcore_keras.dropout import Masks
from ftcore_keras.functions import Tensor
from ftcore_keras.layers import Linear, Variables, joint, norm_layer
from ftcore_keras.layout import Reading
from ftcore_keras.precision import Types
from ftcore_keras.rotary import Rotation, turned


class Attention(keras.Layer):
    """What comes between a block's norm and residual; `path` is the canonical one."""

    def __init__(self, body: Transformer, path: str, rotary: Rotary | None, types: Types) -> None:
        super().__init__(dtype=types.variables)
        described = body.attention
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
        """Return [rows * length, hidden] of as many; bias as `attention_bias` gives it."""
        query, key, value = joint(rows, list(self.maps.values()), self._sizes)
        if self.position_scores is not None:
            bias = bias + self.position_scores(query, key, table, masks=masks)
        return self.output_map(self._mix(query, key, value, bias, rotation, masks))

    def read(self, rows: Tensor, reading: Reading, masks: Masks | None) -> Tensor:
        """Return the read tokens alone, [sequences, hidden], of rows [rows * length, hidden]; masks for them."""
        read = ops.take(rows, reading.places, axis=0)
        query = ops.take(self.maps["query"](read), ops.reshape(reading.sequences, (-1,)), axis=0)
        key, value = joint(rows, [self.maps["key"], self.maps["value"]], self._sizes[1:])
        mixed = self._mix(query, key, value, reading.bias, None, masks)
        return self.output_map(ops.take(mixed, reading.slots, axis=0))

    def _mix(
        self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor, rotation: Rotation | None, masks: Masks | None
    ) -> Tensor:
        """Return what each query attends to, [rows * queries, heads * channels].

        The bias, [rows, heads or 1, queries or 1, keys], is added to the scores.
        """
        rows, length = ops.shape(bias)[0], ops.shape(bias)[3]
        query = self._heads("query", query, (rows, -1), rotation) * self._described.scale
        key, value = self._heads("key", key, (-1, length), rotation), self._heads("value", value, (-1, length), None)
        scores = self._grouped_product(query, ops.swapaxes(key, -1, -2))
        if self._described.cap is not None:
            scores = ops.tanh(scores / self._described.cap) * self._described.cap
        weights = ops.softmax(scores + bias, axis=-1)
        if masks is not None:
            weights = masks.attention_weights(weights, self._dropout, f"{self._path}.weights")
        mixed = ops.transpose(self._grouped_product(weights, value), (0, 2, 1, 3))
        return ops.reshape(mixed, (-1, self._described.heads * self._described.channels))

    def _heads(self, name: str, tokens: Tensor, shape: tuple[Any, Any], rotation: Rotation | None) -> Tensor:
        """Return [rows, heads, length, channels] of [rows * length, heads * channels], normalized and turned."""
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
        # The queries of a group lie end to end, so that keys and values need not be repeated.
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

"""Implements disentangled attention (He et al. 2021): scores between contents and relative positions."""

from collections.abc import Mapping
from typing import NamedTuple

import keras
from keras import ops

from ftcore.contract import dropout as definition
from ftcore.contract.network import Disentangled, Transformer, table_rows
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.embedding import Embedding
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.layers.layout import Inputs
from ftcore_keras.layers.linear import Linear, Variables, joint
from ftcore_keras.layers.norm import norm_layer
from ftcore_keras.layers.precision import Types


class RelativeRows(NamedTuple):
    """The rows of a table for the distances (query minus key) of a batch, from length - 1 down to -length.

    Attributes:
        vectors: float [2 * length, hidden].
        keys: int32 [2 * length], the dropout keys of these rows of the table.
    """

    vectors: Tensor
    keys: Tensor


class RelativeTable(keras.Layer):
    """The table of relative positions, which all blocks read."""

    def __init__(self, described: Disentangled, body: Transformer, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._longest, self._rows = body.positions, table_rows(described, body.positions)
        self._keys = definition.row_keys(2 * described.span)[self._rows]
        self.embedding = Embedding(2 * described.span, body.hidden, types.variables)
        self.norm = norm_layer(body.norm, body.hidden, types.variables) if described.norm else None
        self.built = True

    def call(self, inputs: Inputs, copies: int) -> list[RelativeRows]:
        """Return the rows for a batch of `input_ids` [rows, length], one copy for each block.

        Each copy has its own gradient, so that TensorFlow adds them in a fixed order.
        """
        length = ops.shape(inputs["input_ids"])[1]
        near = slice(self._longest - length, self._longest + length)
        vectors = self.embedding(ops.convert_to_tensor(self._rows)[near])
        vectors = vectors if self.norm is None else self.norm(vectors)
        keys = ops.convert_to_tensor(self._keys)[near]
        return [RelativeRows(copy, keys) for copy in ops.unstack(ops.tile(vectors[None], (copies, 1, 1)), copies)]

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        norm = {} if self.norm is None else self.norm.named(f"{path}.norm")
        return {path: self.embedding.table, **norm}


class PositionScores(keras.Layer):
    """Scores that a block's attention adds to its own; `path` is the attention's, `maps` are its tokens' maps."""

    def __init__(
        self, described: Disentangled, body: Transformer, path: str, maps: Mapping[str, Linear], types: Types
    ) -> None:
        super().__init__(dtype=types.variables)
        attention = body.attention
        size, own = attention.heads * attention.channels, () if described.shared else described.maps.values()
        self.own = {name: Linear(body.hidden, size, types) for name in own}
        self.maps = {term: (maps if described.shared else self.own)[name] for term, name in described.maps.items()}
        self._site, self._dropout, self._types = f"{path}.relative_positions", body.hidden_dropout, types
        self._heads, self._channels, self._scale = attention.heads, attention.channels, attention.scale
        self.built = True

    def call(self, query: Tensor, key: Tensor, table: RelativeRows, masks: Masks | None) -> Tensor:
        """Return [rows, heads, length, length] for unscaled queries and keys [rows * length, heads * channels]."""
        vectors, length = table.vectors, ops.shape(table.vectors)[0] // 2
        if masks is not None:
            vectors = masks.table_rows(vectors, self._dropout, table.keys, self._site)
        mapped = joint(vectors, list(self.maps.values()), [self._heads * self._channels] * len(self.maps))
        terms = dict(zip(self.maps, (positions * self._scale for positions in mapped), strict=True))
        scores = []
        if "content_to_position" in terms:
            by_query = self._compared(query, terms["content_to_position"], length - 1, length)
            scores.append(ops.transpose(by_query, (1, 0, 2, 3)))
        if "position_to_content" in terms:
            # From a key to the queries in order, the distances grow.
            by_key = self._compared(key, ops.flip(terms["position_to_content"], axis=0), length, length)
            scores.append(ops.transpose(by_key, (1, 0, 3, 2)))
        return scores[0] if len(scores) == 1 else scores[0] + scores[1]

    def _compared(self, tokens: Tensor, positions: Tensor, first: Tensor, length: Tensor) -> Tensor:
        """Return each token's products with `length` of the positions, [heads, rows, length, length].

        The token at index i of its row is compared with the positions from `first - i` on.

        Args:
            tokens: [rows * length, heads * channels].
            positions: [2 * length, heads * channels].
            first: int.
            length: int.
        """
        heads = ops.transpose(ops.reshape(tokens, (-1, self._heads, self._channels)), (1, 0, 2))
        others = ops.transpose(ops.reshape(positions, (-1, self._heads, self._channels)), (1, 2, 0))
        products = ops.reshape(self._types.multiply(heads, others), (self._heads, -1, 2 * length * length))
        # In the flattened array, the next token's first position is one less than a row away. So a slice is enough: the
        # gradient of a gather would add in no fixed order.
        step = 2 * length - 1
        met = ops.reshape(products[:, :, first : first + length * step], (self._heads, -1, length, step))
        return met[..., :length]

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        found: Variables = {}
        for name, linear in self.own.items():
            found |= linear.named(f"{path}.{name}")
        return found

"""The one transformer encoder, described by data."""

import math

import keras
from keras import ops

from ftcore.models.network import Transformer
from ftcore_keras.functions import ACTIVATIONS, Tensor, attention_bias
from ftcore_keras.layers import Dropout, Embedding, LayerNorm, Linear, Variables


class Embeddings(keras.Layer):
    """Token, position and token-type vectors, summed and normalized."""

    def __init__(self, body: Transformer, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self.tokens = Embedding(body.vocabulary, body.hidden, dtype)
        self.positions = Embedding(body.positions, body.hidden, dtype)
        self.token_types = Embedding(body.token_types, body.hidden, dtype) if body.token_types else None
        self.norm = LayerNorm(body.hidden, body.norm.epsilon, dtype)
        self.dropout = Dropout(body.hidden_dropout, dtype)
        self.built = True

    def call(self, input_ids: Tensor, token_type_ids: Tensor, training: bool = False) -> Tensor:
        """Return [sequences, length, hidden] of int [sequences, length]."""
        summed = self.tokens(input_ids) + self.positions.table[: ops.shape(input_ids)[1]]
        if self.token_types is not None:
            summed = summed + self.token_types(token_type_ids)
        return self.dropout(self.norm(summed), training=training)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        tables = {f"{path}.tokens": self.tokens.table, f"{path}.positions": self.positions.table}
        if self.token_types is not None:
            tables[f"{path}.token_types"] = self.token_types.table
        return {**tables, **self.norm.named(f"{path}.norm")}


class Attention(keras.Layer):
    """Self-attention with several heads, its residual and norm."""

    def __init__(self, body: Transformer, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self._heads, self._channels = body.heads, body.hidden // body.heads
        self.query = Linear(body.hidden, body.hidden, dtype)
        self.key = Linear(body.hidden, body.hidden, dtype)
        self.value = Linear(body.hidden, body.hidden, dtype)
        self.output_map = Linear(body.hidden, body.hidden, dtype)
        self.norm = LayerNorm(body.hidden, body.norm.epsilon, dtype)
        self.weights_dropout = Dropout(body.attention_dropout, dtype)
        self.dropout = Dropout(body.hidden_dropout, dtype)
        self.built = True

    def call(self, rows: Tensor, bias: Tensor, training: bool = False) -> Tensor:
        """Return rows [sequences * length, hidden]; bias as `attention_bias` gives it."""
        scale = 1.0 / math.sqrt(self._channels)
        query = self._split(self.query(rows) * scale, bias)
        key, value = self._split(self.key(rows), bias), self._split(self.value(rows), bias)
        scores = ops.matmul(query, ops.swapaxes(key, -1, -2)) + bias
        weights = self.weights_dropout(ops.softmax(scores, axis=-1), training=training)
        mixed = ops.transpose(ops.matmul(weights, value), (0, 2, 1, 3))
        mapped = self.output_map(ops.reshape(mixed, (-1, self._heads * self._channels)))
        return self.norm(rows + self.dropout(mapped, training=training))

    def _split(self, rows: Tensor, bias: Tensor) -> Tensor:
        shape = (-1, ops.shape(bias)[3], self._heads, self._channels)
        return ops.transpose(ops.reshape(rows, shape), (0, 2, 1, 3))

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {
            **self.query.named(f"{path}.query"),
            **self.key.named(f"{path}.key"),
            **self.value.named(f"{path}.value"),
            **self.output_map.named(f"{path}.output"),
            **self.norm.named(f"{path}.norm"),
        }


class FeedForward(keras.Layer):
    """Two linear maps with an activation between, their residual and norm."""

    def __init__(self, body: Transformer, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self._activation = ACTIVATIONS[body.activation]
        self.inner = Linear(body.hidden, body.intermediate, dtype)
        self.outer = Linear(body.intermediate, body.hidden, dtype)
        self.norm = LayerNorm(body.hidden, body.norm.epsilon, dtype)
        self.dropout = Dropout(body.hidden_dropout, dtype)
        self.built = True

    def call(self, rows: Tensor, training: bool = False) -> Tensor:
        """Return rows [rows, hidden]."""
        mapped = self.outer(self._activation(self.inner(rows)))
        return self.norm(rows + self.dropout(mapped, training=training))

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {
            **self.inner.named(f"{path}.inner"),
            **self.outer.named(f"{path}.outer"),
            **self.norm.named(f"{path}.norm"),
        }


class Block(keras.Layer):
    """Attention, then feed-forward."""

    def __init__(self, body: Transformer, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self.attention = Attention(body, dtype)
        self.feed_forward = FeedForward(body, dtype)
        self.built = True

    def call(self, rows: Tensor, bias: Tensor, training: bool = False) -> Tensor:
        """Return rows [sequences * length, hidden]."""
        return self.feed_forward(self.attention(rows, bias, training=training), training=training)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {
            **self.attention.named(f"{path}.attention"),
            **self.feed_forward.named(f"{path}.feed_forward"),
        }


class TransformerBody(keras.Layer):
    """Embeddings and blocks."""

    def __init__(self, body: Transformer, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self._hidden = body.hidden
        self.embeddings = Embeddings(body, dtype)
        self.blocks = [Block(body, dtype) for _ in range(body.blocks)]
        self.built = True

    def call(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor, training: bool = False
    ) -> list[Tensor]:
        """Return the embeddings' output and every block's, float [sequences, length, hidden]; inputs int."""
        embedded = self.embeddings(input_ids, token_type_ids, training=training)
        bias = attention_bias(attention_mask, self.compute_dtype)
        # Linear maps of a matrix and not of a stack of them: a stack's kernel gradient is one a sequence, then summed.
        rows = [ops.reshape(embedded, (-1, self._hidden))]
        for block in self.blocks:
            rows.append(block(rows[-1], bias, training=training))
        shape = (-1, ops.shape(input_ids)[1], self._hidden)
        return [ops.reshape(states, shape) for states in rows]

    def named(self) -> Variables:
        """Return the variables by path."""
        named = self.embeddings.named("embeddings")
        for number, block in enumerate(self.blocks):
            named.update(block.named(f"blocks.{number}"))
        return named

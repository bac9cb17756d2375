"""The one transformer encoder, described by data."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from ftcore.models.network import Transformer
from ftcore_keras.dropout import Masks
from ftcore_keras.functions import ACTIVATIONS, Tensor
from ftcore_keras.layers import Embedding, LayerNorm, Linear, Variables, joint
from ftcore_keras.layout import Inputs, Reading, attention_bias
from ftcore_keras.precision import Types


class Embeddings(keras.Layer):
    """Token, position and token-type vectors, summed and normalized."""

    def __init__(self, body: Transformer, types: Types) -> None:
        super().__init__(dtype=types.variables)
        size = body.embedding or body.hidden
        self.tokens = Embedding(body.vocabulary, size, types.variables)
        self.positions = Embedding(body.positions, size, types.variables)
        self.token_types = Embedding(body.token_types, size, types.variables) if body.token_types else None
        self.norm = LayerNorm(size, body.norm.epsilon, types.variables)
        self.projection = Linear(size, body.hidden, types) if body.embedding is not None else None
        self._size, self._dropout, self._first_position = size, body.hidden_dropout, body.first_position
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None) -> Tensor:
        """Return rows [rows * length, hidden] of int fields [rows, length]."""
        summed = self.tokens(inputs["input_ids"]) + self._positions(inputs)
        if self.token_types is not None:
            summed = summed + self.token_types(inputs["token_type_ids"])
        rows = ops.reshape(self.norm(summed), (-1, self._size))
        if masks is not None:
            rows = masks.tokens(rows, self._dropout, "embeddings")
        return rows if self.projection is None else self.projection(rows)

    def _positions(self, inputs: Inputs) -> Tensor:
        if "position_ids" in inputs:
            return self.positions(inputs["position_ids"] + self._first_position)
        return self.positions.table[self._first_position : self._first_position + ops.shape(inputs["input_ids"])[1]]

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        tables = {f"{path}.tokens": self.tokens.table, f"{path}.positions": self.positions.table}
        if self.token_types is not None:
            tables[f"{path}.token_types"] = self.token_types.table
        projection = {} if self.projection is None else self.projection.named(f"{path}.projection")
        return {**tables, **self.norm.named(f"{path}.norm"), **projection}


class Attention(keras.Layer):
    """Self-attention with several heads, its residual and norm; `path` is the canonical one."""

    def __init__(self, body: Transformer, path: str, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._path, self._dropout, self._weights_dropout = path, body.mixed_dropout, body.attention_dropout
        self._types, self._heads, self._channels = types, body.heads, body.hidden // body.heads
        self.query = Linear(body.hidden, body.hidden, types)
        self.key = Linear(body.hidden, body.hidden, types)
        self.value = Linear(body.hidden, body.hidden, types)
        self.output_map = Linear(body.hidden, body.hidden, types)
        self.norm = LayerNorm(body.hidden, body.norm.epsilon, types.variables)
        self.built = True

    def call(self, rows: Tensor, bias: Tensor, masks: Masks | None) -> Tensor:
        """Return rows [rows * length, hidden]; bias as `attention_bias` gives it."""
        query, key, value = joint(rows, (self.query, self.key, self.value))
        return self._finish(rows, self._mix(query, key, value, bias, masks), masks)

    def read(self, rows: Tensor, reading: Reading, masks: Masks | None) -> Tensor:
        """Return the read tokens alone, [sequences, hidden], of rows [rows * length, hidden]; masks for them."""
        read = ops.take(rows, reading.places, axis=0)
        query = ops.take(self.query(read), ops.reshape(reading.sequences, (-1,)), axis=0)
        key, value = joint(rows, (self.key, self.value))
        mixed = self._mix(query, key, value, reading.bias, masks)
        return self._finish(read, ops.take(mixed, reading.slots, axis=0), masks)

    def _mix(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor, masks: Masks | None) -> Tensor:
        """Return what each query attends to, [rows * queries, hidden]; bias [rows, 1, queries or 1, keys]."""
        rows, length = ops.shape(bias)[0], ops.shape(bias)[3]
        query = self._split(query, (rows, -1)) * (1.0 / math.sqrt(self._channels))
        key, value = (self._split(part, (-1, length)) for part in (key, value))
        scores = self._types.multiply(query, ops.swapaxes(key, -1, -2)) + bias
        weights = ops.softmax(scores, axis=-1)
        if masks is not None:
            weights = masks.attention_weights(weights, self._weights_dropout, f"{self._path}.weights")
        mixed = ops.transpose(self._types.multiply(weights, value), (0, 2, 1, 3))
        return ops.reshape(mixed, (-1, self._heads * self._channels))

    def _finish(self, rows: Tensor, mixed: Tensor, masks: Masks | None) -> Tensor:
        mapped = self.output_map(mixed)
        if masks is not None:
            mapped = masks.tokens(mapped, self._dropout, self._path)
        return self.norm(rows + mapped)

    def _split(self, tokens: Tensor, shape: tuple[Any, Any]) -> Tensor:
        return ops.transpose(ops.reshape(tokens, (*shape, self._heads, self._channels)), (0, 2, 1, 3))

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
    """Two linear maps with an activation between, their residual and norm; `path` is the canonical one."""

    def __init__(self, body: Transformer, path: str, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._path, self._dropout = path, body.hidden_dropout
        self._activation = ACTIVATIONS[body.activation]
        self.inner = Linear(body.hidden, body.intermediate, types)
        self.outer = Linear(body.intermediate, body.hidden, types)
        self.norm = LayerNorm(body.hidden, body.norm.epsilon, types.variables)
        self.built = True

    def call(self, rows: Tensor, masks: Masks | None) -> Tensor:
        """Return rows [rows * length, hidden]."""
        mapped = self.outer(self._activation(self.inner(rows)))
        if masks is not None:
            mapped = masks.tokens(mapped, self._dropout, self._path)
        return self.norm(rows + mapped)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {
            **self.inner.named(f"{path}.inner"),
            **self.outer.named(f"{path}.outer"),
            **self.norm.named(f"{path}.norm"),
        }


class Block(keras.Layer):
    """Attention, then feed-forward."""

    def __init__(self, body: Transformer, path: str, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self.attention = Attention(body, f"{path}.attention", types)
        self.feed_forward = FeedForward(body, f"{path}.feed_forward", types)
        self.built = True

    def call(self, rows: Tensor, bias: Tensor, masks: Masks | None) -> Tensor:
        """Return rows [rows * length, hidden]."""
        return self.feed_forward(self.attention(rows, bias, masks=masks), masks=masks)

    def read(self, rows: Tensor, reading: Reading, masks: Masks | None) -> Tensor:
        """Return the read tokens alone, [sequences, hidden]; masks for them.

        The others give their keys and values, and no more.
        """
        return self.feed_forward(self.attention.read(rows, reading, masks), masks=masks)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {
            **self.attention.named(f"{path}.attention"),
            **self.feed_forward.named(f"{path}.feed_forward"),
        }


class TransformerBody(keras.Layer):
    """Embeddings and blocks."""

    def __init__(self, body: Transformer, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._hidden = body.hidden
        self.embeddings = Embeddings(body, types)
        self.blocks = [Block(body, f"blocks.{number}", types) for number in range(body.blocks)]
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None) -> list[Tensor]:
        """Return the embeddings' output and every block's, float [rows, length, hidden]; inputs int."""
        rows = self._through(self.blocks, inputs, masks)
        shape = (-1, ops.shape(inputs["input_ids"])[1], self._hidden)
        return [ops.reshape(states, shape) for states in rows]

    def read(self, inputs: Inputs, reading: Reading, masks: Masks | None, of_read: Masks | None) -> Tensor:
        """Return the last block's output for the read tokens alone, [sequences, hidden]; `of_read` are their masks."""
        return self.blocks[-1].read(self._through(self.blocks[:-1], inputs, masks)[-1], reading, of_read)

    def _through(self, blocks: Sequence[Block], inputs: Inputs, masks: Masks | None) -> list[Tensor]:
        bias = attention_bias(inputs, self.compute_dtype)
        # Linear maps of a matrix and not of a stack of them: a stack's kernel gradient is one a row, then summed.
        rows = [self.embeddings(inputs, masks=masks)]
        for block in blocks:
            rows.append(block(rows[-1], bias, masks=masks))
        return rows

    def named(self) -> Variables:
        """Return the variables by path."""
        named = self.embeddings.named("embeddings")
        for number, block in enumerate(self.blocks):
            named.update(block.named(f"blocks.{number}"))
        return named

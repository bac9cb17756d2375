"""The one transformer, described by data: embeddings, then blocks of attention and feed-forward."""

from collections.abc import Sequence

import keras
from keras import ops

from ftcore.models.network import Rotary, Transformer
from ftcore_keras.attention import Attention
from ftcore_keras.disentangled import RelativeRows, RelativeTable
from ftcore_keras.dropout import Masks
from ftcore_keras.embedding_convolution import EmbeddingConvolution
from ftcore_keras.feed_forward import FeedForward
from ftcore_keras.functions import Tensor
from ftcore_keras.layers import Embedding, Linear, Variables, norm_layer, passed_on
from ftcore_keras.layout import Inputs, Reading, attention_bias, length, position_ids
from ftcore_keras.patches import PatchEmbeddings
from ftcore_keras.precision import Types
from ftcore_keras.relative import RelativeBias
from ftcore_keras.rotary import Rotation, rotation


class Embeddings(keras.Layer):
    """Token, position and token-type vectors, summed and normalized, where there are such."""

    def __init__(self, body: Transformer, types: Types) -> None:
        super().__init__(dtype=types.variables)
        size = body.embedding or body.hidden
        self.tokens = Embedding(body.vocabulary, size, types.variables, body.untrained_token)
        self.positions = Embedding(body.positions, size, types.variables) if body.position_table else None
        self.token_types = Embedding(body.token_types, size, types.variables) if body.token_types else None
        normed = body.hidden if body.projects_first else size
        self.norm = norm_layer(body.norm, normed, types.variables) if body.embedding_norm else None
        self._projects_first, bias = body.projects_first, not body.projects_first
        self.projection = Linear(size, body.hidden, types, bias) if body.embedding is not None else None
        self._size, self._dropout, self._first_position = size, body.hidden_dropout, body.first_position
        self._scale = body.embedding_scale
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None) -> Tensor:
        """Return rows [rows * length, hidden] of int fields [rows, length]."""
        summed = self.tokens(inputs["input_ids"])
        if self._scale != 1.0:
            summed = summed * self._scale
        if self.positions is not None:
            summed = summed + self._of_positions(self.positions, inputs)
        if self.token_types is not None:
            summed = summed + self.token_types(inputs["token_type_ids"])
        rows = ops.reshape(summed, (-1, self._size))
        if self.projection is None:
            return self._finish(rows, masks)
        first = self._projects_first
        return self._finish(self.projection(rows), masks) if first else self.projection(self._finish(rows, masks))

    def _finish(self, rows: Tensor, masks: Masks | None) -> Tensor:
        normed = rows if self.norm is None else self.norm(rows)
        return normed if masks is None else masks.tokens(normed, self._dropout, "embeddings")

    def _of_positions(self, positions: Embedding, inputs: Inputs) -> Tensor:
        if "position_ids" in inputs:
            return positions(inputs["position_ids"] + self._first_position)
        return positions.table[self._first_position : self._first_position + length(inputs)]

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        tables = {"tokens": self.tokens, "positions": self.positions, "token_types": self.token_types}
        found = {f"{path}.{name}": table.table for name, table in tables.items() if table is not None}
        norm = {} if self.norm is None else self.norm.named(f"{path}.norm")
        projection = {} if self.projection is None else self.projection.named(f"{path}.projection")
        return {**found, **norm, **projection}


class Residual(keras.Layer):
    """The residual around attention or feed-forward, with norms and dropout; `path` is the canonical one."""

    def __init__(self, body: Transformer, path: str, dropout: float, types: Types, normalizes: bool = True) -> None:
        super().__init__(dtype=types.variables)
        self._path, self._dropout, self._after = path, dropout, body.norm_place == "after"
        self.norm = norm_layer(body.norm, body.hidden, types.variables) if normalizes else None
        around = body.norm_place == "around"
        self.norm_after = norm_layer(body.norm, body.hidden, types.variables) if around else None
        self.built = True

    def given(self, rows: Tensor) -> Tensor:
        """Return what attention or feed-forward is given, [rows * length, hidden]."""
        return rows if self._after or self.norm is None else self.norm(rows)

    def added(self, rows: Tensor, mapped: Tensor, masks: Masks | None) -> Tensor:
        """Return rows and what attention or feed-forward makes of them, [rows * length, hidden]."""
        if self.norm_after is not None:
            mapped = self.norm_after(mapped)
        if masks is not None:
            mapped = masks.tokens(mapped, self._dropout, self._path)
        return self.norm(rows + mapped) if self._after and self.norm is not None else rows + mapped

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        before = {} if self.norm is None else self.norm.named(f"{path}.norm")
        after = {} if self.norm_after is None else self.norm_after.named(f"{path}.norm_after")
        return {**before, **after}


class Block(keras.Layer):
    """Attention, then feed-forward, each within its residual."""

    def __init__(self, body: Transformer, number: int, types: Types) -> None:
        super().__init__(dtype=types.variables)
        path = f"blocks.{number}"
        self.attention = Attention(body, f"{path}.attention", body.attention.rotary(number), types)
        self.feed_forward = FeedForward(body, f"{path}.feed_forward", types)
        normalizes = body.first_norm or number > 0
        self.attention_residual = Residual(body, f"{path}.attention", body.mixed_dropout, types, normalizes)
        self.feed_forward_residual = Residual(body, f"{path}.feed_forward", body.feed_forward_dropout, types)
        self.built = True

    def call(
        self,
        rows: Tensor,
        bias: Tensor,
        rotation: Rotation | None,
        table: RelativeRows | None,
        masks: Masks | None,
    ) -> Tensor:
        """Return rows [rows * length, hidden]."""
        mixed = self.attention(self.attention_residual.given(rows), bias, rotation, table, masks=masks)
        return self._finish(self.attention_residual.added(rows, mixed, masks), masks)

    def read(self, rows: Tensor, reading: Reading, masks: Masks | None) -> Tensor:
        """Return the read tokens alone, [sequences, hidden]; masks for them.

        The others give their keys and values, and no more.
        """
        mixed = self.attention.read(rows, reading, masks)
        return self._finish(self.attention_residual.added(ops.take(rows, reading.places, axis=0), mixed, masks), masks)

    def _finish(self, rows: Tensor, masks: Masks | None) -> Tensor:
        mapped = self.feed_forward(self.feed_forward_residual.given(rows), masks=masks)
        return self.feed_forward_residual.added(rows, mapped, masks)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {
            **self.attention.named(f"{path}.attention"),
            **self.attention_residual.named(f"{path}.attention"),
            **self.feed_forward.named(f"{path}.feed_forward"),
            **self.feed_forward_residual.named(f"{path}.feed_forward"),
        }


class TransformerBody(keras.Layer):
    """Embeddings and blocks."""

    def __init__(self, body: Transformer, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._hidden, self._attention, self._applied = body.hidden, body.attention, body.applied
        self.embeddings = (
            Embeddings(body, types) if body.patches is None else PatchEmbeddings(body, body.patches, types)
        )
        self.blocks = [Block(body, number, types) for number in range(body.blocks)]
        relative, table = body.attention.relative, body.attention.disentangled
        self.relative = None if relative is None else RelativeBias(relative, body, types)
        self.relative_table = None if table is None else RelativeTable(table, body, types)
        beside = body.convolution
        self.convolution = None if beside is None else EmbeddingConvolution(beside, body, types)
        self.norm = norm_layer(body.norm, body.hidden, types.variables) if body.final_norm else None
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None) -> list[Tensor]:
        """Return the embeddings' output and every block's, float [rows, length, hidden]; inputs int, or of images.

        The last is what comes out of the final norm, where there is one.
        """
        rows = self._through(self._applied, inputs, masks)
        if self.norm is not None:
            rows[-1] = self.norm(rows[-1])
        shape = (-1, length(inputs), self._hidden)
        return [ops.reshape(states, shape) for states in rows]

    def read(self, inputs: Inputs, reading: Reading, masks: Masks | None, of_read: Masks | None) -> Tensor:
        """Return the last block's output for the read tokens alone, [sequences, hidden]; `of_read` are their masks."""
        return self.blocks[-1].read(self._through(self._applied[:-1], inputs, masks)[-1], reading, of_read)

    def _through(self, numbers: Sequence[int], inputs: Inputs, masks: Masks | None) -> list[Tensor]:
        """Return the embeddings' output and that of each of these blocks, [rows * length, hidden]."""
        biases, rotations = self._biases(inputs), self._rotations(inputs)
        of_positions = [None] * len(numbers) if self.relative is None else self.relative(inputs, copies=len(numbers))
        tables = [None] * len(numbers)
        if self.relative_table is not None:
            tables = self.relative_table(inputs, copies=len(numbers))
        # Linear maps of a matrix and not of a stack of them: a stack's kernel gradient is one a row, then summed.
        rows = [self.embeddings(inputs, masks=masks)]
        for number, relative, table in zip(numbers, of_positions, tables, strict=True):
            bias, turn = biases[self._attention.window(number)], rotations[self._attention.rotary(number)]
            bias = bias if relative is None else bias + relative
            # Attention, residual and convolution would be three readers of the embeddings.
            given = rows[-1] if self.convolution is None else passed_on(rows[-1])
            rows.append(self.blocks[number](given, bias, turn, table, masks=masks))
            if number == 0 and self.convolution is not None:
                rows[-1] = self.convolution(rows[0], rows[-1], inputs, masks=masks)
        return rows

    def _biases(self, inputs: Inputs) -> dict[int | None, Tensor]:
        """Return by window what excludes tokens from attention."""
        windows = {self._attention.window(number) for number in range(len(self.blocks))}
        return {
            window: attention_bias(inputs, self.compute_dtype, self._attention.causal, window) for window in windows
        }

    def _rotations(self, inputs: Inputs) -> dict[Rotary | None, Rotation | None]:
        rotaries = {self._attention.rotary(number) for number in range(len(self.blocks))}
        positions = position_ids(inputs)
        return {one: None if one is None else rotation(one, positions, self.compute_dtype) for one in rotaries}

    def named(self) -> Variables:
        """Return the variables by path."""
        named = self.embeddings.named("embeddings")
        for number, block in enumerate(self.blocks):
            named.update(block.named(f"blocks.{number}"))
        if self.relative is not None:
            named["relative_positions"] = self.relative.table
        layers = {"relative_positions": self.relative_table, "convolution": self.convolution, "final_norm": self.norm}
        for path, layer in layers.items():
            named |= {} if layer is None else layer.named(path)
        return named

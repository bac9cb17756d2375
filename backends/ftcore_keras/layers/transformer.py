"""Implements described transformers: embeddings, then blocks of attention and feed-forward.

A decoder's blocks also have cross-attention to an encoder's output in between.
"""

from collections.abc import Sequence

import keras
from keras import ops

from ftcore.contract import network
from ftcore.contract.network import Rotary, Transformer
from ftcore_keras.layers.attention import Attention, KeysValues, Memory, Remembered
from ftcore_keras.layers.disentangled import RelativeRows, RelativeTable
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.embedding import Embedding
from ftcore_keras.layers.embedding_convolution import EmbeddingConvolution
from ftcore_keras.layers.feed_forward import FeedForward
from ftcore_keras.layers.functions import Tensor, passed_on
from ftcore_keras.layers.layout import Inputs, Reading, attention_bias, counted, length, position_ids
from ftcore_keras.layers.linear import Linear, Variables
from ftcore_keras.layers.norm import norm_layer
from ftcore_keras.layers.patches import PatchEmbeddings
from ftcore_keras.layers.precision import Types
from ftcore_keras.layers.relative import RelativeBias
from ftcore_keras.layers.rotary import Rotation, rotation


class Embeddings(keras.Layer):
    """Token, position and token-type vectors, if described, summed and normalized.

    `path` is the canonical path; without `own_tokens` the inputs have `token_vectors`, float [rows, length, size].
    """

    def __init__(self, body: Transformer, types: Types, path: str, own_tokens: bool) -> None:
        super().__init__(dtype=types.variables)
        size = body.embedding or body.hidden
        self._site = path
        self.tokens = Embedding(body.vocabulary, size, types.variables, body.untrained_token) if own_tokens else None
        # The row of the token that has no position of its own has no gradient, as in transformers.
        untrained = None if body.uncounted_token is None else body.first_position - 1
        self.positions = Embedding(body.positions, size, types.variables, untrained) if body.position_table else None
        self.token_types = Embedding(body.token_types, size, types.variables) if body.token_types else None
        normed = body.hidden if body.projects_first else size
        self.norm = norm_layer(body.norm, normed, types.variables) if body.embedding_norm else None
        self._projects_first, bias = body.projects_first, not body.projects_first
        self.projection = Linear(size, body.hidden, types, bias) if body.embedding is not None else None
        self._size, self._dropout, self._first_position = size, body.hidden_dropout, body.first_position
        self._scale, self._uncounted = body.embedding_scale, body.uncounted_token
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None) -> Tensor:
        """Return rows [rows * length, hidden] of int fields [rows, length]."""
        summed = inputs["token_vectors"] if self.tokens is None else self.tokens(inputs["input_ids"])
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
        return normed if masks is None else masks.tokens(normed, self._dropout, self._site)

    def _of_positions(self, positions: Embedding, inputs: Inputs) -> Tensor:
        if self._uncounted is not None:
            places = counted(position_ids(inputs), inputs["input_ids"], self._uncounted)
            return positions(places + self._first_position)
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
    """The residual around attention or feed-forward, with norms and dropout; `path` is its canonical path."""

    def __init__(self, body: Transformer, path: str, dropout: float, types: Types, normalizes: bool = True) -> None:
        super().__init__(dtype=types.variables)
        self._path, self._dropout, self._after = path, dropout, body.norm_place == "after"
        self.norm = norm_layer(body.norm, body.hidden, types.variables) if normalizes else None
        around = body.norm_place == "around"
        self.norm_after = norm_layer(body.norm, body.hidden, types.variables) if around else None
        self.built = True

    def given(self, rows: Tensor) -> Tensor:
        """Return the input of attention or feed-forward, [rows * length, hidden]."""
        return rows if self._after or self.norm is None else self.norm(rows)

    def added(self, rows: Tensor, mapped: Tensor, masks: Masks | None) -> Tensor:
        """Return the sum of rows and the output of attention or feed-forward, [rows * length, hidden]."""
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


class Across(keras.Layer):
    """Attention to a memory within its residual; `path` is its canonical path."""

    def __init__(self, body: Transformer, described: network.Attention, path: str, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self.attention = Attention(body, described, path, None, types)
        self.residual = Residual(body, path, body.mixed_dropout, types)
        self.built = True

    def call(self, rows: Tensor, memory: Memory, masks: Masks | None) -> Tensor:
        """Return rows [rows * length, hidden]."""
        return self.residual.added(rows, self.attention.across(self.residual.given(rows), memory, masks), masks)

    def step(self, rows: Tensor, memory: Remembered) -> Tensor:
        """Return new tokens' rows, [rows * new, hidden], without dropout."""
        return self.residual.added(rows, self.attention.across_step(self.residual.given(rows), memory), None)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {**self.attention.named(path), **self.residual.named(path)}


class Block(keras.Layer):
    """Attention, in a decoder cross-attention, then feed-forward, each within its residual; `part` as in the body."""

    def __init__(self, body: Transformer, number: int, types: Types, part: str) -> None:
        super().__init__(dtype=types.variables)
        path, across = f"{part}blocks.{number}", f"{part}blocks.{number}.cross_attention"
        rotary, cross = body.attention.rotary(number), body.cross_attention
        self.attention = Attention(body, body.attention, f"{path}.attention", rotary, types)
        self.across = None if cross is None else Across(body, cross, across, types)
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
        memory: Memory | None,
        masks: Masks | None,
    ) -> Tensor:
        """Return rows [rows * length, hidden]; a decoder's block attends to the memory."""
        mixed = self.attention(self.attention_residual.given(rows), bias, rotation, table, masks=masks)
        rows = self.attention_residual.added(rows, mixed, masks)
        if self.across is not None and memory is not None:
            rows = self.across(rows, memory, masks=masks)
        return self._finish(rows, masks)

    def step(
        self, rows: Tensor, bias: Tensor, rotation: Rotation | None, past: KeysValues, memory: Remembered | None
    ) -> tuple[Tensor, KeysValues]:
        """Return new tokens' rows [rows * new, hidden], without dropout, and the keys and values of all tokens."""
        mixed, past = self.attention.step(self.attention_residual.given(rows), bias, rotation, past)
        rows = self.attention_residual.added(rows, mixed, None)
        if self.across is not None and memory is not None:
            rows = self.across.step(rows, memory)
        return self._finish(rows, None), past

    def read(self, rows: Tensor, reading: Reading, masks: Masks | None) -> Tensor:
        """Return only the read tokens, [sequences, hidden]; masks for them.

        The other tokens only contribute keys and values.
        """
        mixed = self.attention.read(rows, reading, masks)
        return self._finish(self.attention_residual.added(ops.take(rows, reading.places, axis=0), mixed, masks), masks)

    def _finish(self, rows: Tensor, masks: Masks | None) -> Tensor:
        mapped = self.feed_forward(self.feed_forward_residual.given(rows), masks=masks)
        return self.feed_forward_residual.added(rows, mapped, masks)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        across = {} if self.across is None else self.across.named(f"{path}.cross_attention")
        return {
            **self.attention.named(f"{path}.attention"),
            **self.attention_residual.named(f"{path}.attention"),
            **across,
            **self.feed_forward.named(f"{path}.feed_forward"),
            **self.feed_forward_residual.named(f"{path}.feed_forward"),
        }


class TransformerBody(keras.Layer):
    """Embeddings and blocks; `part` is the prefix of its canonical paths, `own_tokens` as in its embeddings."""

    def __init__(self, body: Transformer, types: Types, part: str = "", own_tokens: bool = True) -> None:
        super().__init__(dtype=types.variables)
        self._hidden, self._attention, self._applied = body.hidden, body.attention, body.applied
        self._part, self._final_dropout = part, body.final_dropout
        self.embeddings = (
            Embeddings(body, types, f"{part}embeddings", own_tokens)
            if body.patches is None
            else PatchEmbeddings(body, body.patches, types)
        )
        self.blocks = [Block(body, number, types, part) for number in range(body.blocks)]
        relative, table = body.attention.relative, body.attention.disentangled
        self.relative = None if relative is None else RelativeBias(relative, body, types)
        self.relative_table = None if table is None else RelativeTable(table, body, types)
        beside = body.convolution
        self.convolution = None if beside is None else EmbeddingConvolution(beside, body, types)
        self.norm = norm_layer(body.norm, body.hidden, types.variables) if body.final_norm else None
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None, memory: Memory | None = None) -> list[Tensor]:
        """Return the embeddings' output and every block's, float [rows, length, hidden]; inputs are int or images.

        The last array is the output of the final norm, if there is one; a decoder attends to the memory.
        """
        rows = self._through(self._applied, inputs, masks, memory)
        if self.norm is not None:
            rows[-1] = self.norm(rows[-1])
        if masks is not None:
            rows[-1] = masks.tokens(rows[-1], self._final_dropout, f"{self._part}final_norm")
        shape = (-1, length(inputs), self._hidden)
        return [ops.reshape(states, shape) for states in rows]

    def step(
        self, inputs: Inputs, past: Sequence[KeysValues], memories: Sequence[Remembered]
    ) -> tuple[Tensor, list[KeysValues]]:
        """Return the last hidden states of new tokens, and each block's keys and values of all tokens; no dropout.

        Args:
            inputs: `input_ids` or `token_vectors`, `position_ids` and `token_type_ids` of the new tokens, [rows, new];
                `attention_mask` of all, [rows, length].
            past: for each block, keys and values of the tokens before.
            memories: for each block, keys and values of an encoder's output; [] for a decoder-only model.

        Returns:
            float [rows, new, hidden], and the keys and values of each block.
        """
        new, tokens = ops.shape(inputs["position_ids"])[1], ops.shape(inputs["attention_mask"])[1]
        biases, rotations = self._biases(inputs, new), self._rotations(inputs)
        places = ops.arange(tokens, dtype="int32")
        relative = None if self.relative is None else self.relative.between(places[tokens - new :], places)
        rows, found = self.embeddings(inputs, masks=None), []
        across: Sequence[Remembered | None] = memories or [None] * len(self.blocks)
        for number, (block, before, memory) in enumerate(zip(self.blocks, past, across, strict=True)):
            bias, turn = biases[self._attention.window(number)], rotations[self._attention.rotary(number)]
            rows, together = block.step(rows, bias if relative is None else bias + relative, turn, before, memory)
            found.append(together)
        rows = rows if self.norm is None else self.norm(rows)
        return ops.reshape(rows, (-1, new, self._hidden)), found

    def remembered(self, memory: Memory) -> list[Remembered]:
        """Return the keys and values of a memory for each block's `step`."""
        return [block.across.attention.remembered(memory) for block in self.blocks if block.across is not None]

    @property
    def token_table(self) -> Tensor:
        """Its own table of tokens, [vocabulary, hidden]."""
        if isinstance(self.embeddings, PatchEmbeddings) or self.embeddings.tokens is None:
            raise TypeError("the table of tokens belongs to another part")
        return self.embeddings.tokens.table

    def read(self, inputs: Inputs, reading: Reading, masks: Masks | None, of_read: Masks | None) -> Tensor:
        """Return the last block's output for the read tokens only, [sequences, hidden]; `of_read` are their masks."""
        return self.blocks[-1].read(self._through(self._applied[:-1], inputs, masks)[-1], reading, of_read)

    def _through(
        self, numbers: Sequence[int], inputs: Inputs, masks: Masks | None, memory: Memory | None = None
    ) -> list[Tensor]:
        """Return the outputs of the embeddings and of each of these blocks, [rows * length, hidden]."""
        biases, rotations = self._biases(inputs), self._rotations(inputs)
        of_positions = [None] * len(numbers) if self.relative is None else self.relative(inputs, copies=len(numbers))
        tables = [None] * len(numbers)
        if self.relative_table is not None:
            tables = self.relative_table(inputs, copies=len(numbers))
        # Linear maps of one matrix, because the kernel gradient of a stack is computed per row and then summed.
        rows = [self.embeddings(inputs, masks=masks)]
        for number, relative, table in zip(numbers, of_positions, tables, strict=True):
            bias, turn = biases[self._attention.window(number)], rotations[self._attention.rotary(number)]
            bias = bias if relative is None else bias + relative
            # Attention, residual and convolution would be three readers of the embeddings.
            given = rows[-1] if self.convolution is None else passed_on(rows[-1])
            rows.append(self.blocks[number](given, bias, turn, table, memory, masks=masks))
            memory = None if memory is None else memory.passed_on()
            if number == 0 and self.convolution is not None:
                rows[-1] = self.convolution(rows[0], rows[-1], inputs, masks=masks)
        return rows

    def _biases(self, inputs: Inputs, new: Tensor | None = None) -> dict[int | None, Tensor]:
        """Return the attention masks by window; `new` as in `attention_bias`."""
        windows = {self._attention.window(number) for number in range(len(self.blocks))}
        causal, dtype = self._attention.causal, self.compute_dtype
        return {window: attention_bias(inputs, dtype, causal, window, new) for window in windows}

    def _rotations(self, inputs: Inputs) -> dict[Rotary | None, Rotation | None]:
        rotaries = {self._attention.rotary(number) for number in range(len(self.blocks))}
        positions = position_ids(inputs)
        return {one: None if one is None else rotation(one, positions, self.compute_dtype) for one in rotaries}

    def named(self) -> Variables:
        """Return the variables by path."""
        named = self.embeddings.named(f"{self._part}embeddings")
        for number, block in enumerate(self.blocks):
            named.update(block.named(f"{self._part}blocks.{number}"))
        if self.relative is not None:
            named[f"{self._part}relative_positions"] = self.relative.table
        layers = {"relative_positions": self.relative_table, "convolution": self.convolution, "final_norm": self.norm}
        for path, layer in layers.items():
            named |= {} if layer is None else layer.named(f"{self._part}{path}")
        return named

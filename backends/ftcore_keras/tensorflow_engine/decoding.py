"""Generates one token per call of one graph, with a cache of the previous tokens' keys and values."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ftcore.contract.network import EncoderDecoder, Transformer
from ftcore.errors import BackendError
from ftcore_keras.layers.attention import KeysValues, Remembered
from ftcore_keras.layers.encoder_decoder import EncoderDecoderBody
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.layers.token_head import TokenHeadLayer
from ftcore_keras.network import DescribedModel, DescribedNetwork, KerasNetwork


class Writer:
    """The graphs of one network; each accepts every shape, so it is traced once.

    They are not compiled by XLA: keys and values grow, and XLA would compile a graph for each length.

    Attributes:
        step: returns the logits after new tokens, see `_step`.
        remembered: returns the keys and values of source texts for a decoder; None if there is no encoder.
        select_past, select_memories: return the past and memories of selected sequences.
    """

    def __init__(self, model: DescribedModel, head: TokenHeadLayer, decoder: Transformer) -> None:
        self._body, self._head, self._decoder = model.body, head, decoder
        self._dtype = model.variable_dtype
        self.step = Open(self._step)
        self.remembered = Open(model.body.remembered) if isinstance(model.body, EncoderDecoderBody) else None
        self.select_past, self.select_memories = Open(_selected), Open(_selected)

    def no_past(self, rows: int) -> list[KeysValues]:
        """Return the keys and values of no tokens, for each block."""
        described = self._decoder.attention
        nothing = tf.zeros((rows, described.key_value_heads, 0, described.channels), self._dtype)
        return [KeysValues(nothing, nothing)] * self._decoder.blocks

    # The methods below are traced into graphs.

    def _step(
        self, ids: Tensor, mask: Tensor, past: Sequence[KeysValues], memories: Sequence[Remembered]
    ) -> tuple[Tensor, list[KeysValues]]:
        """Return the logits after the last token, float [sequences, outputs], and the keys and values of all.

        Args:
            ids: the new tokens, int32 [sequences, new].
            mask: mask of all tokens, int32 [sequences, length], padded on the left.
            past: see `TransformerBody.step`.
            memories: see `TransformerBody.step`.
        """
        positions = tf.maximum(tf.cumsum(mask, axis=1) - 1, 0)[:, tf.shape(mask)[1] - tf.shape(ids)[1] :]
        inputs = {
            "input_ids": ids,
            "position_ids": positions,
            "token_type_ids": tf.zeros_like(ids),
            "attention_mask": mask,
        }
        states, past = self._body.step(inputs, past, memories)
        return self._head(states[:, -1:], self._body.token_table)[:, 0], past


class Open:
    """A function of nested tensors as a graph for all shapes, traced at the first call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._compiled: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Call the graph."""
        if self._compiled is None:
            signature = tf.nest.map_structure(_open, arguments)
            self._compiled = tf.function(self._function, input_signature=signature, autograph=False)
        return self._compiled(*arguments)


class KerasDecoding:
    """Sequences with the keys and values of their tokens; `inputs` are as in `Learner.decoding`."""

    def __init__(self, writer: Writer, inputs: Mapping[str, np.ndarray], device: str) -> None:
        self._writer, self._device = writer, device
        alone = writer.remembered is None
        ids = inputs["input_ids" if alone else "decoder_input_ids"]
        self._mask = inputs["attention_mask"] if alone else np.ones_like(ids)
        self._texts = np.arange(len(ids))
        with tf.device(device):
            source = {name: tf.constant(inputs[name], tf.int32) for name in ("input_ids", "attention_mask")}
            self._memories = [] if writer.remembered is None else writer.remembered(source)
            self._past = writer.no_past(len(ids))
            self._logits = self._after(ids)

    @property
    def logits(self) -> np.ndarray:
        """Logits of the token after each prompt, float [sequences, outputs]."""
        return self._logits

    def next(self, tokens: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
        """Append a token to each sequence, and return the logits of the next; shapes as in `Decoding.next`."""
        with tf.device(self._device):
            if order is not None:
                self._reorder(order)
            self._mask = np.pad(self._mask, ((0, 0), (0, 1)), constant_values=1)
            return self._after(tokens[:, None])

    def _reorder(self, order: np.ndarray) -> None:
        texts, indices = self._texts[order], tf.constant(order, tf.int32)
        self._mask, self._past = self._mask[order], self._writer.select_past(self._past, indices)
        # Another beam usually has the same source.
        if self._memories and not np.array_equal(texts, self._texts):
            self._memories = self._writer.select_memories(self._memories, indices)
        self._texts = texts

    def _after(self, ids: np.ndarray) -> np.ndarray:
        """Return the logits after int ids [sequences, new], whose keys and values are kept."""
        given = (tf.constant(ids, tf.int32), tf.constant(self._mask, tf.int32))
        logits, self._past = self._writer.step(*given, self._past, self._memories)
        found: np.ndarray = logits.numpy()
        return found


def writer_of(network: KerasNetwork) -> Writer:
    """Return the graphs of a network that generates.

    Raises:
        BackendError: the network has no language model's head.
    """
    model = network.model
    if isinstance(network, DescribedNetwork) and isinstance(model, DescribedModel):
        body = network.described.architecture.body
        decoder = body.decoder if isinstance(body, EncoderDecoder) else body
        if isinstance(model.head, TokenHeadLayer) and isinstance(decoder, Transformer):
            return Writer(model, model.head, decoder)
    raise BackendError("this network cannot generate text: it has no language model's head")


def _selected(tensors: Any, order: Tensor) -> Any:
    """Return nested tensors [sequences, ...] with the selected sequences."""
    return tf.nest.map_structure(lambda tensor: tf.gather(tensor, order), tensors)


def _open(tensor: Tensor) -> Any:
    return tf.TensorSpec([None] * len(tensor.shape), tensor.dtype)

"""Builds the network of a program, such as the described transformer with a described head."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import keras
import numpy as np

from ftcore.contract import Batch
from ftcore.contract.network import (
    EncoderDecoder,
    Module,
    Network,
    Parameter,
    ResidualConvolution,
    TokenHead,
    Transformer,
    check_statistics,
)
from ftcore.errors import BackendError, ModelError
from ftcore_keras.foreign import ForeignNetwork
from ftcore_keras.layers.activations import Activations
from ftcore_keras.layers.dropout import Masks, draws_of
from ftcore_keras.layers.encoder_decoder import EncoderDecoderBody
from ftcore_keras.layers.engine import Engine
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.layers.head import HeadLayer
from ftcore_keras.layers.layout import reading, with_mask
from ftcore_keras.layers.linear import Variables
from ftcore_keras.layers.precision import Types
from ftcore_keras.layers.token_head import TokenHeadLayer
from ftcore_keras.layers.transformer import TransformerBody
from ftcore_keras.native import NativeModel
from ftcore_keras.tensors import Named


class KerasNetwork(Protocol):
    """The interface of a network for the learner."""

    @property
    def model(self) -> keras.Model:
        """The whole model."""
        ...

    @property
    def couples_examples(self) -> bool:
        """Whether a layer's result for one example depends on the others."""
        ...

    def prepare(self, inputs: Mapping[str, Any]) -> None:
        """Build an unbuilt network for inputs like these; later inputs may be longer."""
        ...

    def parameters(self) -> list[Named]:
        """Return every parameter that may be trained."""
        ...

    def buffers(self) -> list[Named]:
        """Return every other variable that is saved."""
        ...

    def draws(self, batch: Batch, seed: int, step: int, number: int) -> dict[str, Tensor]:
        """Return the keys of a training step's random draws for micro-batch `number`."""
        ...

    def signature(self, shape: tuple[int, ...]) -> tuple[int | None, ...]:
        """Return the shape for which a graph is traced, given an input's shape."""
        ...

    def compute(
        self, inputs: Mapping[str, Tensor], draws: Mapping[str, Tensor], hidden_states: bool = False
    ) -> Activations:
        """Run the network, in training mode if there are draws."""
        ...


def build_network(network: Network | Module, precision: str, engine: Engine) -> KerasNetwork:
    """Return the network of a program, in the given precision (a foreign module keeps its own)."""
    if isinstance(network, Module):
        return ForeignNetwork(network.module)
    return DescribedNetwork(network, precision, engine)


class DescribedModel(keras.Model):
    """Body and head as one keras.Model, which can be exported and served.

    Its inputs are a mapping of `input_ids`, `attention_mask` and `token_type_ids`, int32 [sequences, length],
    or of `pixel_values`, float [examples, channels, height, width]; an encoder-decoder also has the decoder's.
    """

    def __init__(self, network: Network, body: Transformer | EncoderDecoder, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self.body = _body(network, body, types)
        self._reads_alone = isinstance(body, Transformer) and body.reads_alone
        self._reads, self._image_tokens = network.head.pooled_states, network.image_tokens
        self.head = _head(network, types)
        self.built = True

    def call(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return the logits, or pooled vectors [sequences, hidden] if there is no classifier."""
        found = self.compute(inputs)
        return found.pooled if found.logits is None else found.logits

    def compute(
        self, inputs: Mapping[str, Tensor], masks: Masks | None = None, hidden_states: bool = False
    ) -> Activations:
        """Return all results that a learner may need; without masks there is no dropout."""
        if isinstance(self.head, TokenHeadLayer):
            states = self.body(inputs, masks=masks)
            return Activations(self.head(states[-1], self.body.token_table, masks=masks), None, states)
        if self._image_tokens:
            inputs = with_mask(inputs, self._image_tokens)
        read = reading(self._reads, inputs, self.compute_dtype)
        of_read = None if masks is None or read is None else masks.read(read)
        if read is not None and self._reads_alone and not hidden_states:
            pooled = self.head.finish(self.body.read(inputs, read, masks, of_read), of_read)
            return Activations(self.head(pooled, masks=masks), pooled)
        states = self.body(inputs, masks=masks)
        pooled = self.head.pool(states[-1], inputs, of_read)
        return Activations(self.head(pooled, masks=masks), pooled, states)

    def named(self) -> Variables:
        """Return the variables by canonical path."""
        return {**self.body.named(), **self.head.named()}


def _body(network: Network, body: Transformer | EncoderDecoder, types: Types) -> TransformerBody | EncoderDecoderBody:
    if isinstance(body, Transformer):
        return TransformerBody(body, types)
    if not isinstance(network.head, TokenHead):
        raise BackendError("an encoder-decoder needs a language model's head: it has no sequence to pool")
    return EncoderDecoderBody(body, types)


def _head(network: Network, types: Types) -> HeadLayer | TokenHeadLayer:
    head = network.head
    return TokenHeadLayer(head, types) if isinstance(head, TokenHead) else HeadLayer(head, types)


class DescribedNetwork:
    """A network built from a neutral description, `described`."""

    def __init__(self, network: Network, precision: str, engine: Engine) -> None:
        self._model, self._engine = _model(network, precision, engine), engine
        self._sites, self._image_tokens = network.dropout_sites, network.image_tokens
        self.described = network
        named = _bind(network, self._model.named(), self._model.variable_dtype)
        self._parameters, self._buffers = named[: len(network.parameters)], named[len(network.parameters) :]

    @property
    def model(self) -> DescribedModel | NativeModel:
        """The whole model."""
        return self._model

    @property
    def couples_examples(self) -> bool:
        """Whether the network has batch normalization."""
        return self.described.couples_examples

    def prepare(self, inputs: Mapping[str, Any]) -> None:
        """Do nothing: a described network is built from its description."""

    def parameters(self) -> list[Named]:
        """Return every parameter that may be trained, in the description's order."""
        return self._parameters

    def buffers(self) -> list[Named]:
        """Return the described buffers: running statistics and constants."""
        return self._buffers

    def draws(self, batch: Batch, seed: int, step: int, number: int) -> dict[str, Tensor]:
        """Return the contract's keys of dropout masks."""
        body = self.described.architecture.body
        if isinstance(body, ResidualConvolution):
            check_statistics(body, batch.inputs["pixel_values"].shape)
        return draws_of(batch, seed, step, self._sites, self._image_tokens)

    def signature(self, shape: tuple[int, ...]) -> tuple[int | None, ...]:
        """Return open dimensions, so that one graph serves every length; each image size has its own graph."""
        return (None, *shape[1:]) if len(shape) == 4 else (None,) * len(shape)

    def compute(
        self, inputs: Mapping[str, Tensor], draws: Mapping[str, Tensor], hidden_states: bool = False
    ) -> Activations:
        """Run body and head, with dropout if there are draws."""
        return self._model.compute(inputs, Masks(draws, self._sites, self._engine) if draws else None, hidden_states)


def _model(network: Network, precision: str, engine: Engine) -> DescribedModel | NativeModel:
    body, head = network.architecture.body, network.head
    if isinstance(body, Transformer | EncoderDecoder):
        return DescribedModel(network, body, Types.of(precision, engine))
    if isinstance(head, TokenHead):
        raise BackendError(f"a {type(body).__name__} cannot have a language model's head")
    return NativeModel(network, body, head, precision, engine)


def _unread(buffers: Sequence[Parameter], read: set[str], dtype: str) -> Variables:
    """Return variables for the buffers that no layer reads; they stay unchanged."""
    unread = [one for one in buffers if one.path not in read]
    return {one.path: keras.Variable(np.zeros(one.shape), dtype=dtype, trainable=False) for one in unread}


def _bind(network: Network, variables: Variables, dtype: str) -> list[Named]:
    paths = {tensor.path for tensor in network.tensors}
    unread = [one for one in network.buffers if one.role == "constant"]
    variables = {**_unread(unread, set(variables), dtype), **variables}
    if paths != set(variables):
        differing = ", ".join(sorted(paths ^ set(variables)))
        raise ModelError(f"the description's tensors differ from the network's: {differing}")
    return [
        Named(
            parameter.name,
            variables[parameter.path],
            transposed=parameter.role == "weight" and not parameter.inputs_first,
        )
        for parameter in network.tensors
    ]

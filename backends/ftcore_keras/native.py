"""Builds networks with a body other than the transformer, and a described head."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from ftcore.contract.network import (
    Features,
    Head,
    ImageConvolution,
    NativeBody,
    Network,
    Pooling,
    Recurrent,
    ResidualConvolution,
    TextConvolution,
)
from ftcore.errors import BackendError
from ftcore_keras.layers.activations import Activations, Encoded
from ftcore_keras.layers.convolution import ImageConvolutionBody, TextConvolutionBody
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.engine import Engine
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.layers.head import HeadLayer
from ftcore_keras.layers.layout import Inputs
from ftcore_keras.layers.linear import Variables
from ftcore_keras.layers.precision import Types
from ftcore_keras.layers.recurrent import RecurrentBody
from ftcore_keras.layers.residual_convolution import ResidualConvolutionBody


class FeaturesBody(keras.Layer):
    """Returns ready features unchanged."""

    def __init__(self, body: Features, pooling: Pooling | None, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._size, self._engine = body.size, types.engine
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None) -> Encoded:
        """Return `features`, float [examples, size]."""
        # Dropout needs the number of channels.
        features = self._engine.shaped(ops.cast(inputs["features"], self.compute_dtype), (None, self._size))
        return Encoded(features, [features])

    def named(self) -> Variables:
        """Return nothing."""
        return {}


BODIES: Mapping[type, Callable[[Any, Pooling | None, Types], Any]] = {
    Features: FeaturesBody,
    Recurrent: RecurrentBody,
    TextConvolution: TextConvolutionBody,
    ImageConvolution: ImageConvolutionBody,
    ResidualConvolution: ResidualConvolutionBody,
}
"""Layers by body of ftcore.contract.network; each has call(inputs, masks) -> Encoded, and named()."""


class NativeModel(keras.Model):
    """A body of `BODIES` and the head as one keras.Model, which can be exported and served.

    Its inputs are a mapping, as in ftcore.contract.Batch.
    """

    def __init__(
        self, network: Network, body: NativeBody | ResidualConvolution, head: Head, precision: str, engine: Engine
    ) -> None:
        types = Types.of(precision, engine)
        if types.products != types.variables and not isinstance(body, Features):
            raise BackendError(
                f"precision {precision} is not supported for a model of type {network.architecture.family}; "
                "allowed: float32, float64"
            )
        super().__init__(dtype=types.variables)
        self.body = BODIES[type(body)](body, head.pooling, types)
        self.head = HeadLayer(head, types)
        self.built = True

    def call(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Return logits [examples, outputs], or pooled vectors [sequences, size] if there is no classifier."""
        found = self.compute(inputs)
        return found.pooled if found.logits is None else found.logits

    def compute(
        self, inputs: Mapping[str, Tensor], masks: Masks | None = None, hidden_states: bool = False
    ) -> Activations:
        """Return all results that a learner may need; without masks there is no dropout.

        Hidden states are always returned: a graph omits unused results.
        """
        found = self.body(inputs, masks=masks)
        pooled = self.head.finish(found.pooled)
        return Activations(self.head(pooled, masks=masks), pooled, found.states)

    def named(self) -> Variables:
        """Return the variables by canonical path, including buffers."""
        return {**self.body.named(), **self.head.named()}

"""Implements the convolution over the embeddings, beside the first block."""

import keras
from keras import ops

from ftcore.contract.network import EmbeddingConvolution as Described
from ftcore.contract.network import Transformer
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.functions import ACTIVATIONS, Tensor
from ftcore_keras.layers.layout import Inputs
from ftcore_keras.layers.linear import Variables
from ftcore_keras.layers.norm import norm_layer
from ftcore_keras.layers.precision import Types


class EmbeddingConvolution(keras.Layer):
    """Convolution, dropout, activation, residual and norm; the kernel is [width, inputs, outputs]."""

    def __init__(self, described: Described, body: Transformer, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._width, self._hidden, self._types = described.width, body.hidden, types
        self._activation, self._dropout = ACTIVATIONS[described.activation], body.hidden_dropout
        self.kernel = self.add_weight((described.width, body.hidden, body.hidden), "zeros", name="weight")
        self.bias = self.add_weight((body.hidden,), "zeros", name="bias")
        self.norm = norm_layer(body.norm, body.hidden, types.variables)
        self.built = True

    def call(self, embeddings: Tensor, rows: Tensor, inputs: Inputs, masks: Masks | None) -> Tensor:
        """Return [rows * length, hidden] from the embeddings and the first block's output, both in that shape."""
        kernel = ops.reshape(self.kernel, (-1, self._hidden))
        mapped = self._types.multiply(self._windows(embeddings, inputs), kernel)
        mapped = self._types.engine.add_bias(mapped, self.bias.value)
        if masks is not None:
            mapped = masks.tokens(mapped, self._dropout, "convolution")
        return self.norm(rows + self._activation(mapped))

    def _windows(self, embeddings: Tensor, inputs: Inputs) -> Tensor:
        """Return each token's window, [rows * length, width * hidden]; padding in it is zero."""
        mask, side = inputs["attention_mask"], self._width // 2
        real = ops.cast(ops.reshape(mask, (-1, 1)), embeddings.dtype) * embeddings
        length = ops.shape(mask)[1]
        padded = ops.pad(ops.reshape(real, (-1, length, self._hidden)), ((0, 0), (side, side), (0, 0)))
        shifted = [padded[:, place : place + length] for place in range(self._width)]
        return ops.reshape(ops.concatenate(shifted, axis=-1), (-1, self._width * self._hidden))

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {f"{path}.weight": self.kernel, f"{path}.bias": self.bias, **self.norm.named(f"{path}.norm")}

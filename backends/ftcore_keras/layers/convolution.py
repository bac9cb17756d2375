"""Implements convolutions over text and images.

Every array has the reversed axes of PyTorch's: [outputs, inputs, *window] there is [*window, inputs, outputs] here, and
[examples, channels, height, width] is [examples, width, height, channels].
"""

import keras
from keras import ops

from ftcore.contract.network import ImageConvolution, Pooling, TextConvolution
from ftcore_keras.layers.activations import Encoded
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.embedding import Embedding
from ftcore_keras.layers.functions import ACTIVATIONS, Tensor, lowest
from ftcore_keras.layers.layout import Inputs
from ftcore_keras.layers.linear import Variables
from ftcore_keras.layers.precision import Types


class Filters(keras.Layer):
    """The kernel [*window, inputs, outputs] and the bias [outputs] of a convolution."""

    def __init__(self, window: tuple[int, ...], inputs: int, outputs: int, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self.kernel = self.add_weight((*window, inputs, outputs), "zeros", name="weight")
        self.bias = self.add_weight((outputs,), "zeros", name="bias")
        self.built = True

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {f"{path}.weight": self.kernel, f"{path}.bias": self.bias}


class Convolution(Filters):
    """A 3x3 convolution of images that keeps their size."""

    def __init__(self, inputs: int, outputs: int, types: Types) -> None:
        super().__init__((3, 3), inputs, outputs, types.variables)
        self._engine = types.engine

    def call(self, values: Tensor) -> Tensor:
        """Return [examples, width, height, outputs] of values [examples, width, height, inputs]."""
        mapped = ops.conv(values, self.kernel.value, 1, "same", "channels_last")
        return self._engine.add_bias(mapped, self.bias.value)


class TextConvolutionBody(keras.Layer):
    """Token embeddings with convolution filters of several widths."""

    def __init__(self, body: TextConvolution, pooling: Pooling | None, types: Types) -> None:
        super().__init__(dtype=types.variables)
        dtype = types.variables
        self._body, self._pooling, self._engine = body, pooling, types.engine
        self._activation = ACTIVATIONS[body.activation]
        self.embedding = Embedding(body.vocabulary, body.embedding, dtype)
        self.filters = [Filters((width,), body.embedding, body.channels, dtype) for width in body.widths]
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None) -> Encoded:
        """Run on `input_ids`, int [rows, length]; a window's output is at the position of its first token."""
        lengths = ops.sum(inputs["attention_mask"], axis=1)
        embedded = self.embedding(inputs["input_ids"])
        embedded = embedded * ops.cast(inputs["attention_mask"], embedded.dtype)[:, :, None]
        tokens = embedded if masks is None else self._dropped(embedded, masks)
        maps = self._activation(self._filtered(tokens))
        within = self._within(lengths, ops.shape(tokens)[1])
        return Encoded(self._pool(maps, within), [embedded, maps * ops.cast(within, maps.dtype)])

    def named(self) -> Variables:
        """Return the variables by path."""
        named: Variables = {"embeddings.tokens": self.embedding.table}
        for number, convolution in enumerate(self.filters):
            named.update(convolution.named(f"convolutions.{number}"))
        return named

    def _filtered(self, tokens: Tensor) -> Tensor:
        """Return [rows, length, size], every filter's window at each token, for tokens [rows, length, embedding]."""
        # One convolution with the largest width, because TensorFlow adds three gradients in no fixed order.
        widest = max(self._body.widths)
        kernels = [
            ops.pad(one.kernel.value, ((0, widest - width), (0, 0), (0, 0)))
            for one, width in zip(self.filters, self._body.widths, strict=True)
        ]
        filled = ops.pad(tokens, ((0, 0), (0, widest - 1), (0, 0)))
        mapped = ops.conv(filled, ops.concatenate(kernels, axis=2), 1, "valid", "channels_last")
        return self._engine.add_bias(mapped, ops.concatenate([one.bias for one in self.filters], axis=0))

    def _dropped(self, embedded: Tensor, masks: Masks) -> Tensor:
        flat = ops.reshape(embedded, (-1, self._body.embedding))
        return ops.reshape(masks.tokens(flat, self._body.embedding_dropout, "embeddings"), ops.shape(embedded))

    def _within(self, lengths: Tensor, length: Tensor) -> Tensor:
        """Return which windows count, bool [rows, length, size]: those within the text, and its first."""
        widths = ops.repeat(ops.convert_to_tensor(self._body.widths, dtype="int32"), self._body.channels)
        starts = ops.arange(length, dtype="int32")[None, :, None]
        return (starts + widths <= lengths[:, None, None]) | (starts == 0)

    def _pool(self, maps: Tensor, within: Tensor) -> Tensor:
        if self._pooling == "mean":
            counts = ops.cast(within, maps.dtype)
            return ops.sum(maps * counts, axis=1) / ops.sum(counts, axis=1)
        return ops.max(ops.where(within, maps, lowest(self.compute_dtype)), axis=1)


class ImageConvolutionBody(keras.Layer):
    """Blocks of convolution, activation and max pooling."""

    def __init__(self, body: ImageConvolution, pooling: Pooling | None, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._body, self._engine, self._activation = body, types.engine, ACTIVATIONS[body.activation]
        sizes = zip((body.channels, *body.blocks[:-1]), body.blocks, strict=True)
        self.convolutions = [Convolution(inputs, outputs, types) for inputs, outputs in sizes]
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None) -> Encoded:
        """Run on `pixel_values`, float [examples, channels, height, width]."""
        pixels = ops.cast(inputs["pixel_values"], self.compute_dtype)
        pixels = self._engine.shaped(pixels, (None, self._body.channels, self._body.height, self._body.width))
        states = [turned(pixels)]
        for convolution in self.convolutions:
            states.append(ops.max_pool(self._activation(convolution(states[-1])), 2, 2, "valid", "channels_last"))
        outward = [turned(values) for values in states]
        flat = ops.reshape(outward[-1], (-1, self._body.size))
        pooled = flat if self._body.reading == "flatten" else ops.mean(states[-1], axis=(1, 2))
        return Encoded(pooled, outward)

    def named(self) -> Variables:
        """Return the variables by path."""
        named: Variables = {}
        for number, convolution in enumerate(self.convolutions):
            named.update(convolution.named(f"convolutions.{number}"))
        return named


def turned(images: Tensor) -> Tensor:
    """Convert [examples, channels, height, width] to [examples, width, height, channels], or back."""
    return ops.transpose(images, (0, 3, 2, 1))

"""Convolutions over text and images.

Every array lies the other way round than in PyTorch: [outputs, inputs, *window] there is [*window, inputs, outputs]
here, and [examples, channels, height, width] is [examples, width, height, channels].
"""

import keras
import tensorflow as tf

from ftcore.contract.network import ImageConvolution, Pooling, TextConvolution
from ftcore_keras.activations import Encoded
from ftcore_keras.dropout import Masks
from ftcore_keras.functions import ACTIVATIONS, Tensor, lowest
from ftcore_keras.layers import Embedding, Variables
from ftcore_keras.layout import Inputs
from ftcore_keras.precision import Types


class Convolution(keras.Layer):
    """A convolution of stride 1 that keeps the size, with a bias; the kernel is [*window, inputs, outputs]."""

    def __init__(self, window: tuple[int, ...], inputs: int, outputs: int, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self.kernel = self.add_weight((*window, inputs, outputs), "zeros", name="weight")
        self.bias = self.add_weight((outputs,), "zeros", name="bias")
        self.built = True

    def call(self, values: Tensor) -> Tensor:
        """Return [rows, *places, outputs] of values [rows, *places, inputs]."""
        mapped = tf.nn.convolution(values, self.kernel.value, padding="SAME")
        return tf.nn.bias_add(mapped, self.bias.value)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {f"{path}.weight": self.kernel, f"{path}.bias": self.bias}


class TextConvolutionBody(keras.Layer):
    """Embeddings, and filters of several widths."""

    def __init__(self, body: TextConvolution, pooling: Pooling | None, types: Types) -> None:
        super().__init__(dtype=types.variables)
        dtype = types.variables
        self._body, self._pooling, self._activation = body, pooling, ACTIVATIONS[body.activation]
        self.embedding = Embedding(body.vocabulary, body.embedding, dtype)
        self.filters = [Convolution((width,), body.embedding, body.channels, dtype) for width in body.widths]
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None) -> Encoded:
        """Run on `input_ids`, int [rows, length]; a window's output stands at its first token."""
        lengths = tf.reduce_sum(inputs["attention_mask"], axis=1)
        embedded = self.embedding(inputs["input_ids"])
        embedded = embedded * tf.cast(inputs["attention_mask"], embedded.dtype)[:, :, None]
        tokens = embedded if masks is None else self._dropped(embedded, masks)
        maps = self._activation(self._filtered(tokens))
        within = self._within(lengths, tf.shape(tokens)[1])
        return Encoded(self._pool(maps, within), [embedded, maps * tf.cast(within, maps.dtype)])

    def named(self) -> Variables:
        """Return the variables by path."""
        named: Variables = {"embeddings.tokens": self.embedding.table}
        for number, convolution in enumerate(self.filters):
            named.update(convolution.named(f"convolutions.{number}"))
        return named

    def _filtered(self, tokens: Tensor) -> Tensor:
        """Return [rows, length, size], a window of every filter for each token, of tokens [rows, length, embedding]."""
        # As one, all of the widest's width: of three gradients TensorFlow adds up in no fixed order.
        widest = max(self._body.widths)
        kernels = [
            tf.pad(one.kernel.value, [[0, widest - width], [0, 0], [0, 0]])
            for one, width in zip(self.filters, self._body.widths, strict=True)
        ]
        filled = tf.pad(tokens, [[0, 0], [0, widest - 1], [0, 0]])
        mapped = tf.nn.convolution(filled, tf.concat(kernels, axis=2), padding="VALID")
        return tf.nn.bias_add(mapped, tf.concat([one.bias.value for one in self.filters], axis=0))

    def _dropped(self, embedded: Tensor, masks: Masks) -> Tensor:
        flat = tf.reshape(embedded, [-1, self._body.embedding])
        return tf.reshape(masks.tokens(flat, self._body.embedding_dropout, "embeddings"), tf.shape(embedded))

    def _within(self, lengths: Tensor, length: Tensor) -> Tensor:
        """Return which windows count, bool [rows, length, size]: within the text, or its first."""
        widths = tf.repeat(tf.constant(self._body.widths), self._body.channels)
        starts = tf.range(length)[None, :, None]
        return (starts + widths <= lengths[:, None, None]) | (starts == 0)

    def _pool(self, maps: Tensor, within: Tensor) -> Tensor:
        if self._pooling == "mean":
            counts = tf.cast(within, maps.dtype)
            return tf.reduce_sum(maps * counts, axis=1) / tf.reduce_sum(counts, axis=1)
        return tf.reduce_max(tf.where(within, maps, tf.constant(lowest(self.compute_dtype), maps.dtype)), axis=1)


class ImageConvolutionBody(keras.Layer):
    """Blocks of convolution, activation and maximum."""

    def __init__(self, body: ImageConvolution, pooling: Pooling | None, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._body, self._activation = body, ACTIVATIONS[body.activation]
        sizes = zip((body.channels, *body.blocks[:-1]), body.blocks, strict=True)
        self.convolutions = [Convolution((3, 3), inputs, outputs, types.variables) for inputs, outputs in sizes]
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None) -> Encoded:
        """Run on `pixel_values`, float [examples, channels, height, width]."""
        pixels = tf.cast(inputs["pixel_values"], self.compute_dtype)
        # A graph is traced for any shape.
        pixels = tf.ensure_shape(pixels, [None, self._body.channels, self._body.height, self._body.width])
        states = [turned(pixels)]
        for convolution in self.convolutions:
            states.append(tf.nn.max_pool2d(self._activation(convolution(states[-1])), 2, 2, "VALID"))
        outward = [turned(values) for values in states]
        flat = tf.reshape(outward[-1], [-1, self._body.size])
        pooled = flat if self._body.reading == "flatten" else tf.reduce_mean(states[-1], axis=[1, 2])
        return Encoded(pooled, outward)

    def named(self) -> Variables:
        """Return the variables by path."""
        named: Variables = {}
        for number, convolution in enumerate(self.convolutions):
            named.update(convolution.named(f"convolutions.{number}"))
        return named


def turned(images: Tensor) -> Tensor:
    """Return [examples, channels, height, width] of [examples, width, height, channels], or the other way round."""
    return tf.transpose(images, [0, 3, 2, 1])

"""Implements the embeddings of an image: learned tokens and a linear map of each patch, plus positions."""

import keras
from keras import ops

from ftcore.contract.network import Patches, Transformer, check_images
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.layers.layout import Inputs
from ftcore_keras.layers.linear import Variables
from ftcore_keras.layers.precision import Types


class PatchEmbeddings(keras.Layer):
    """Learned tokens and the patches of an image, each with its position.

    The kernel is the checkpoint's with its axes reversed, [patch_width, patch_height, channels, hidden].
    """

    def __init__(self, body: Transformer, patches: Patches, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._patches, self._hidden, self._dropout, self._types = patches, body.hidden, body.hidden_dropout, types
        shape = (patches.patch_width, patches.patch_height, patches.channels, body.hidden)
        self.kernel = self.add_weight(shape, "zeros", name="weight")
        self.bias = self.add_weight((body.hidden,), "zeros", name="bias")
        self.leading = {
            name: self.add_weight((1, 1, body.hidden), "zeros", name=f"{name}_token") for name in patches.leading
        }
        self.positions = self.add_weight((1, body.positions, body.hidden), "zeros", name="positions")
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None) -> Tensor:
        """Return rows [examples * tokens, hidden] for `pixel_values` [examples, channels, height, width]."""
        images = ops.cast(inputs["pixel_values"], self.compute_dtype)
        check_images(images.shape, self._patches.channels, (self._patches.height, self._patches.width))
        kernel = ops.reshape(self.kernel, (-1, self._hidden))
        mapped = self._types.engine.add_bias(self._types.multiply(self._cut(images), kernel), self.bias.value)
        down, across = self._patches.grid
        tokens = [ops.repeat(token, ops.shape(images)[0], axis=0) for token in self.leading.values()]
        tokens.append(ops.reshape(mapped, (-1, down * across, self._hidden)))
        rows = ops.reshape(ops.concatenate(tokens, axis=1) + self.positions, (-1, self._hidden))
        return rows if masks is None else masks.tokens(rows, self._dropout, "embeddings")

    def _cut(self, images: Tensor) -> Tensor:
        """Return the patches, [examples * patches, patch_width * patch_height * channels]."""
        (down, across), (height, width) = self._patches.grid, (self._patches.patch_height, self._patches.patch_width)
        whole = images[:, :, : down * height, : across * width]
        patches = ops.reshape(whole, (-1, self._patches.channels, down, height, across, width))
        return ops.reshape(ops.transpose(patches, (0, 2, 4, 5, 3, 1)), (-1, width * height * self._patches.channels))

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        leading = {f"{path}.{name}_token": token for name, token in self.leading.items()}
        projection = {f"{path}.projection.weight": self.kernel, f"{path}.projection.bias": self.bias}
        return {**leading, f"{path}.positions": self.positions, **projection}

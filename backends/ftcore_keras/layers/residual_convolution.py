"""Implements a residual network over images.

Images have the reversed axes of PyTorch's, [examples, width, height, channels], as in `convolution`.
"""

import keras
from keras import ops

from ftcore.contract.network import Convolution, Pooling, ResidualBlock, ResidualConvolution, check_images
from ftcore_keras.layers.activations import Encoded
from ftcore_keras.layers.convolution import turned
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.functions import ACTIVATIONS, Tensor, lowest
from ftcore_keras.layers.layout import Inputs
from ftcore_keras.layers.linear import Variables
from ftcore_keras.layers.precision import Types


class BatchNorm(keras.Layer):
    """Batch normalization over examples and positions, with torch.nn.BatchNorm2d's running statistics."""

    def __init__(self, size: int, body: ResidualConvolution, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self._epsilon, self._momentum = body.epsilon, body.momentum
        self.scale = self.add_weight((size,), "ones", name="scale")
        self.shift = self.add_weight((size,), "zeros", name="shift")
        self.mean = self.add_weight((size,), "zeros", name="mean", trainable=False)
        self.variance = self.add_weight((size,), "ones", name="variance", trainable=False)
        self.steps = self.add_weight((), "zeros", dtype="int64", name="steps", trainable=False)
        self.built = True

    def call(self, values: Tensor, training: bool) -> Tensor:
        """Return values [examples, width, height, size] normalized; training also updates the running statistics."""
        if training:
            mean = ops.mean(values, axis=(0, 1, 2))
            centred = values - mean
            variance = ops.mean(ops.square(centred), axis=(0, 1, 2))
            self._move(mean, variance, ops.size(values) // self.scale.shape[0])
        else:
            centred, variance = values - self.mean, self.variance
        return centred * ops.rsqrt(variance + self._epsilon) * self.scale + self.shift

    def _move(self, mean: Tensor, variance: Tensor, count: Tensor) -> None:
        number = ops.cast(count, variance.dtype)
        # The running variance is the sample variance, divided by one value less.
        for running, found in ((self.mean, mean), (self.variance, variance * (number / (number - 1.0)))):
            running.assign((1.0 - self._momentum) * running.value + self._momentum * found)
        self.steps.assign(self.steps.value + 1)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        parameters = {f"{path}.scale": self.scale, f"{path}.shift": self.shift}
        return {**parameters, f"{path}.mean": self.mean, f"{path}.variance": self.variance, f"{path}.steps": self.steps}


class NormalizedConvolution(keras.Layer):
    """A convolution and its batch normalization; the kernel is [width, height, inputs, outputs]."""

    def __init__(self, described: Convolution, body: ResidualConvolution, types: Types) -> None:
        super().__init__(dtype=types.variables)
        window = described.window
        self.kernel = self.add_weight((window, window, described.inputs, described.outputs), "zeros", name="weight")
        self.norm = BatchNorm(described.outputs, body, types.variables)
        self._engine, self._stride, self._border = types.engine, described.stride, window // 2
        self.built = True

    def call(self, values: Tensor, training: bool) -> Tensor:
        """Return [examples, width, height, outputs], reduced by the stride, for [examples, width, height, inputs]."""
        mapped = self._engine.convolution(values, self.kernel.value, self._stride, self._border)
        return self.norm(mapped, training=training)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {f"{path}.weight": self.kernel, **self.norm.named(f"{path}.norm")}


class Block(keras.Layer):
    """Convolutions with activations between them, and a residual."""

    def __init__(self, described: ResidualBlock, body: ResidualConvolution, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._activation, self._inner = ACTIVATIONS[body.activation], ACTIVATIONS[body.inner_activation]
        self.convolutions = [NormalizedConvolution(one, body, types) for one in described.convolutions]
        shortcut = described.shortcut
        self.shortcut = None if shortcut is None else NormalizedConvolution(shortcut, body, types)
        self.built = True

    def call(self, values: Tensor, training: bool) -> Tensor:
        """Return [examples, width / stride, height / stride, outputs], rounded up."""
        mapped = self.convolutions[0](values, training=training)
        for convolution in self.convolutions[1:]:
            mapped = convolution(self._inner(mapped), training=training)
        residual = values if self.shortcut is None else self.shortcut(values, training=training)
        return self._activation(mapped + residual)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        named = {} if self.shortcut is None else self.shortcut.named(f"{path}.shortcut")
        for number, convolution in enumerate(self.convolutions):
            named |= convolution.named(f"{path}.{number}")
        return named


class ResidualConvolutionBody(keras.Layer):
    """The stem and the stages; it uses the batch's statistics (training) if there are masks."""

    def __init__(self, body: ResidualConvolution, pooling: Pooling | None, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._channels, self._activation = body.stem.inputs, ACTIVATIONS[body.activation]
        self.stem = NormalizedConvolution(body.stem, body, types)
        self.stages = [[Block(block, body, types) for block in blocks] for blocks in body.stages]
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None) -> Encoded:
        """Run on `pixel_values`, float [examples, channels, height, width]."""
        pixels = ops.cast(inputs["pixel_values"], self.compute_dtype)
        check_images(pixels.shape, self._channels)
        training = masks is not None
        states = [self._shrunk(self._activation(self.stem(turned(pixels), training=training)))]
        for blocks in self.stages:
            values = states[-1]
            for block in blocks:
                values = block(values, training=training)
            states.append(values)
        return Encoded(ops.mean(states[-1], axis=(1, 2)), [turned(values) for values in states])

    def _shrunk(self, values: Tensor) -> Tensor:
        """Return 3x3 max pooling of stride 2, with a border of one."""
        bordered = ops.pad(values, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=lowest(self.compute_dtype))
        return ops.max_pool(bordered, 3, 2, "valid", "channels_last")

    def named(self) -> Variables:
        """Return the variables by path."""
        named = self.stem.named("stem")
        for stage, blocks in enumerate(self.stages):
            for number, block in enumerate(blocks):
                named |= block.named(f"stages.{stage}.{number}")
        return named

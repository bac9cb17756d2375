"""A residual network over images."""

import math
from dataclasses import dataclass

from ftcore.contract.network.activation import Activation


@dataclass(frozen=True)
class Convolution:
    """A convolution of images without a bias, and batch normalization of what it gives.

    Attributes:
        window: rows and columns, an odd number; half of them, rounded down, are zeros around the image.
        inputs, outputs: channels.
        stride: down and across.
    """

    window: int
    inputs: int
    outputs: int
    stride: int = 1


@dataclass(frozen=True)
class ResidualBlock:
    """Convolutions with activations between, and their residual.

    Attributes:
        convolutions: one reads what the one before gives.
        shortcut: of the residual, where it is not the block's input as it is.
    """

    convolutions: tuple[Convolution, ...]
    shortcut: Convolution | None


@dataclass(frozen=True)
class ResidualConvolution:
    """A residual network (He et al. 2016): a stem, then stages of residual blocks; each channel's mean is pooled.

    Batch normalization (Ioffe and Szegedy 2015) is over examples and places: in training with the batch's own mean and
    variance, which enter the running ones by `momentum` (the variance as that of a sample), else with those.

    Attributes:
        stem: then comes the activation, and a 3x3 maximum of stride 2 over an image with a border.
        stages: blocks of each; the hidden states are what the stem and every stage give.
        activation: of the stem, and of a block's residual sum.
        inner_activation: within a block.
        epsilon: added to variances.
        momentum: share of a batch in the running statistics.
    """

    stem: Convolution
    stages: tuple[tuple[ResidualBlock, ...], ...]
    activation: Activation
    inner_activation: Activation
    epsilon: float
    momentum: float

    @property
    def blocks(self) -> tuple[ResidualBlock, ...]:
        """The blocks of every stage."""
        return tuple(block for stage in self.stages for block in stage)

    @property
    def size(self) -> int:
        """Channels of the last stage, and of the pooled vector."""
        return self.blocks[-1].convolutions[-1].outputs

    def last_places(self, height: int, width: int) -> int:
        """Return the places of the last stage's output for images of a size."""
        # The stem's maximum has stride 2.
        strides = [self.stem.stride, 2, *(one.stride for block in self.blocks for one in block.convolutions)]
        shrunk = math.prod(strides)
        return -(-height // shrunk) * -(-width // shrunk)

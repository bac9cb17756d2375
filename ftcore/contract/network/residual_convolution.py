"""Describes a residual network over images."""

import math
from dataclasses import dataclass

from ftcore.contract.network.activation import Activation


@dataclass(frozen=True)
class Convolution:
    """A convolution of images without a bias, followed by batch normalization.

    Attributes:
        window: odd number of rows and columns; the image is padded with half of it, rounded down, in zeros.
        inputs, outputs: numbers of channels.
        stride: stride in both directions.
    """

    window: int
    inputs: int
    outputs: int
    stride: int = 1


@dataclass(frozen=True)
class ResidualBlock:
    """Convolutions with activations between them, and a residual.

    Attributes:
        convolutions: the convolutions in order.
        shortcut: convolution of the residual; None if the residual is the block's input.
    """

    convolutions: tuple[Convolution, ...]
    shortcut: Convolution | None


@dataclass(frozen=True)
class ResidualConvolution:
    """A residual network (He et al. 2016): a stem, then stages of residual blocks; each channel's mean is pooled.

    Batch normalization (Ioffe and Szegedy 2015) is over examples and positions. Training uses the batch's own mean and
    variance, and updates the running statistics by `momentum` (with the sample variance); evaluation uses those.

    Attributes:
        stem: first convolution, followed by the activation and a padded 3x3 max pooling of stride 2.
        stages: blocks of each stage; the hidden states are the outputs of the stem and of every stage.
        activation: activation of the stem, and of a block's residual sum.
        inner_activation: activation within a block.
        epsilon: added to variances.
        momentum: share of the current batch in the running statistics.
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
        """Number of channels of the last stage and of the pooled vector."""
        return self.blocks[-1].convolutions[-1].outputs

    def last_places(self, height: int, width: int) -> int:
        """Return the number of positions of the last stage's output for images of a size."""
        # The stem's max pooling has stride 2.
        strides = [self.stem.stride, 2, *(one.stride for block in self.blocks for one in block.convolutions)]
        shrunk = math.prod(strides)
        return -(-height // shrunk) * -(-width // shrunk)

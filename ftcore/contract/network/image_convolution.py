"""Describes a body of convolution and pooling blocks over images."""

from dataclasses import dataclass
from typing import Literal

from ftcore.contract.network.activation import Activation


@dataclass(frozen=True)
class ImageConvolution:
    """Blocks over images: 3x3 convolution of stride 1 with padding, activation, 2x2 max pooling of stride 2.

    Max pooling leaves out an odd last row or column.

    Attributes:
        channels, height, width: size of an image.
        blocks: output channels of each block.
        activation: activation of the convolutions.
        reading: how the last block's output becomes a vector: flattened by channel, row and column ("flatten"), or
            the mean of each channel.
    """

    channels: int
    height: int
    width: int
    blocks: tuple[int, ...]
    activation: Activation
    reading: Literal["flatten", "mean"]

    @property
    def size(self) -> int:
        """Number of channels of the pooled vector."""
        halvings = len(self.blocks)
        places = (self.height >> halvings) * (self.width >> halvings)
        return self.blocks[-1] * (places if self.reading == "flatten" else 1)

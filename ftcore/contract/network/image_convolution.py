"""Blocks of convolution and pooling over images."""

from dataclasses import dataclass
from typing import Literal

from ftcore.contract.network.activation import Activation


@dataclass(frozen=True)
class ImageConvolution:
    """Blocks over images: 3x3 convolution of stride 1 that keeps the size, activation, 2x2 maximum of stride 2.

    An odd last row or column has no maximum.

    Attributes:
        channels, height, width: of an image.
        blocks: channels that each block gives.
        activation: of the convolutions.
        reading: how the last block's output becomes a vector: laid out by channel, row and column ("flatten"), or
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
        """Channels of the pooled vector."""
        halvings = len(self.blocks)
        places = (self.height >> halvings) * (self.width >> halvings)
        return self.blocks[-1] * (places if self.reading == "flatten" else 1)

"""Checks that a network can take a batch's images, and be trained on them."""

from collections.abc import Sequence

from ftcore.contract.network.architecture import Architecture
from ftcore.contract.network.image_convolution import ImageConvolution
from ftcore.contract.network.residual_convolution import ResidualConvolution
from ftcore.contract.network.transformer import Transformer
from ftcore.errors import ModelError


def image_input(architecture: Architecture) -> tuple[int, tuple[int, int] | None]:
    """Return the channels of a network's input images, and their height and width, or None for any size.

    Raises:
        TypeError: the network takes no images.
    """
    body = architecture.body
    if isinstance(body, ResidualConvolution):
        return body.stem.inputs, None
    if isinstance(body, ImageConvolution):
        return body.channels, (body.height, body.width)
    if isinstance(body, Transformer) and body.patches is not None:
        return body.patches.channels, (body.patches.height, body.patches.width)
    raise TypeError(f"{architecture.family} takes no images")


def check_images(shape: Sequence[int], channels: int, size: tuple[int, int] | None = None) -> None:
    """Check the shape of `pixel_values`.

    Args:
        shape: [examples, channels, height, width].
        channels: number of channels that the network takes.
        size: height and width that the network takes, or None for any.

    Raises:
        ModelError: the images have another shape.
    """
    if len(shape) != 4:
        raise ModelError(f"pixel_values have shape {list(shape)}, but must be [examples, channels, height, width]")
    if shape[1] != channels:
        raise ModelError(f"pixel_values have {shape[1]} channels, and the network takes images of {channels}")
    if size is not None and tuple(shape[2:]) != size:
        raise ModelError(
            f"pixel_values are {shape[2]} x {shape[3]} (height x width), and the network has positions for images of "
            f"{size[0]} x {size[1]}: resize them"
        )


def check_statistics(body: ResidualConvolution, shape: Sequence[int]) -> None:
    """Check that a training batch has more than one value per channel in every stage, which a variance needs.

    Args:
        body: body with batch normalization.
        shape: shape of `pixel_values`, [examples, channels, height, width].

    Raises:
        ModelError: the batch is one image, and the last stage has one position.
    """
    examples, _, height, width = shape
    if examples * body.last_places(height, width) < 2:
        raise ModelError(
            f"a training batch of one image of {height} x {width} leaves one value a channel in the last stage, and "
            "batch normalization needs two: another batch_size, which leaves no single image over, or larger images"
        )

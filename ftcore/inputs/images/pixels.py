"""Converts image files and arrays to the pixels of examples, or raises an error with the reason.

The Pillow operations and their order are those of transformers' PIL image processors.
"""

import math
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from ftcore.errors import DataError
from ftcore.inputs.images.processor import ImageProcessor

if TYPE_CHECKING:
    from PIL.Image import Image

MODES = {1: "L", 3: "RGB"}
"""Pillow's mode for 8-bit images, by number of channels."""
DEEPER = ("I", "F")
"""The prefixes of Pillow's modes with more than 8 bits per channel."""


def pixels_of_file(path: Path, processor: ImageProcessor) -> np.ndarray:
    """Return an image file's pixels, resized and cropped: uint8 [channels, height, width].

    Raises:
        ValueError: with the reason; the file is missing, is not an image, or does not fit the network.
        DataError: Pillow is not installed.
    """
    mode = MODES.get(processor.channels)
    if mode is None:
        raise DataError(f"image files have 1 or 3 channels, but the network takes {processor.channels}: give arrays")
    return _prepared(_opened(path, mode), processor)


def pixels_of_array(values: np.ndarray, processor: ImageProcessor) -> np.ndarray:
    """Return an array's pixels: uint8 or float32 [channels, height, width].

    Args:
        values: [height, width], or with the channels first or last; or [pixels], channel by channel and row by row. If
            its type is not uint8, it must have the network's size.
        processor: the network's processor.

    Raises:
        ValueError: with the reason; the array does not fit the network.
    """
    image = _channels_first(_rows(values, processor), processor.channels)
    if not np.isfinite(image).all():
        raise ValueError("the image has a value that is not a finite number")
    if image.shape[1:] == processor.size:
        return image if image.dtype == np.uint8 else image.astype(np.float32)
    if image.dtype != np.uint8 or processor.channels not in MODES:
        raise ValueError(
            f"the image is {_size(image)}, but the network takes {processor.size[0]} x {processor.size[1]}: "
            "only 8-bit images (uint8) of 1 or 3 channels are resized"
        )
    image_module = _pillow()
    plane = image[0] if len(image) == 1 else np.moveaxis(image, 0, -1)
    return _prepared(image_module.fromarray(np.ascontiguousarray(plane)), processor)


def _pillow() -> ModuleType:
    try:
        from PIL import Image
    except ModuleNotFoundError:
        raise DataError("images are read with Pillow, which is not installed: pip install 'ftcore[images]'") from None
    return Image


def _opened(path: Path, mode: str) -> "Image":
    """Return a file's image, rotated upright, in an 8-bit mode."""
    image_module = _pillow()
    from PIL import ImageOps

    if not path.is_file():
        raise ValueError(f"the image {str(path)!r} does not exist")
    try:
        with image_module.open(path) as image:
            if image.mode.startswith(DEEPER):
                raise ValueError("it has more than 8 bits per channel, which is not supported")
            return ImageOps.exif_transpose(image).convert(mode)
    # Pillow's readers raise these for files that are damaged, too large, or not images.
    except (OSError, EOFError, ValueError, SyntaxError, image_module.DecompressionBombError) as error:
        reason = "it is not an image that Pillow reads" if "cannot identify" in str(error) else str(error)
        raise ValueError(f"the image {str(path)!r} cannot be used: {reason}") from None


def _prepared(image: "Image", processor: ImageProcessor) -> np.ndarray:
    target = _target(image.height, image.width, processor)
    if target != (image.height, image.width):
        image = image.resize((target[1], target[0]), resample=processor.resample)
    found = np.asarray(image)
    found = found[None] if found.ndim == 2 else np.moveaxis(found, -1, 0)
    if processor.crop is not None:
        found = _cropped(found, processor.crop)
    if found.shape[1:] != processor.size:
        raise ValueError(
            f"the image is {_size(found)} after its preparation, but all must be "
            f"{processor.size[0]} x {processor.size[1]} (height x width)"
        )
    return np.ascontiguousarray(found)


def _target(height: int, width: int, processor: ImageProcessor) -> tuple[int, int]:
    """Return height and width after resizing."""
    resize = processor.resize
    if not isinstance(resize, int):
        return resize or (height, width)
    shorter, longer = sorted((height, width))
    scaled = int(resize * longer / shorter)
    return (scaled, resize) if width <= height else (resize, scaled)


def _cropped(image: np.ndarray, crop: tuple[int, int]) -> np.ndarray:
    """Return the centre crop of an image [channels, height, width], padded with zeros if the crop is larger."""
    for axis, wanted in enumerate(crop, start=1):
        given = image.shape[axis]
        lacking = max(wanted - given, 0)
        # transformers rounds the margin before the image up when it pads, and down when it crops.
        filling = [(0, 0)] * 3
        filling[axis] = (-(-lacking // 2), lacking // 2)
        image = np.pad(image, filling)
        start = max(given - wanted, 0) // 2
        image = np.take(image, range(start, start + wanted), axis=axis)
    return image


def _rows(values: np.ndarray, processor: ImageProcessor) -> np.ndarray:
    """Return an image with rows if it is given as flat pixels; other images unchanged."""
    shape = (processor.channels, *processor.size)
    if values.ndim != 1:
        return values
    if values.size != math.prod(shape):
        raise ValueError(f"the image has {values.size} pixels, but the network takes {' x '.join(map(str, shape))}")
    return values.reshape(shape)


def _channels_first(values: np.ndarray, channels: int) -> np.ndarray:
    if values.ndim == 2:
        values = values[None]
    elif values.ndim == 3 and values.shape[2] in (channels, 1) and values.shape[0] not in (channels, 1):
        values = np.moveaxis(values, -1, 0)
    if values.ndim != 3 or values.shape[0] not in (channels, 1):
        raise ValueError(
            f"the image is an array of {list(values.shape)}, but must be [height, width], or that with the network's "
            f"{channels} channels first or last"
        )
    return np.broadcast_to(values, (channels, *values.shape[1:]))


def _size(image: np.ndarray) -> str:
    return f"{image.shape[1]} x {image.shape[2]}"

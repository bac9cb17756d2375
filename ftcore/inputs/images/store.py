"""Stores prepared images on disk as memory-mapped arrays, and reads them as a dataset."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ftcore.contract import Batch
from ftcore.data import Collected, ExampleWriter, LabeledRows, StoredFile, content_hash, open_folder, placed
from ftcore.inputs.images.processor import ImageProcessor

PATCH = 256
"""Pixels that count as one token when batch sizes are chosen: a patch of 16 x 16."""


@dataclass(frozen=True)
class ImageArrays:
    """The arrays of stored images.

    Attributes:
        pixels: uint8 or float32 [examples, channels, height, width], resized and cropped, not yet scaled.
        targets: int32 [examples] or float32 [examples, outputs], or [0] if there are none.
        hashes: uint64 [examples], the hash of each example's pixels.
        weights: float32 [examples], the weight of each example; None for 1.
    """

    pixels: np.ndarray
    targets: np.ndarray
    hashes: np.ndarray
    weights: np.ndarray | None = None


DTYPES = {"pixels": np.uint8, "hashes": np.uint64}
"""The type of each file NAME.bin of stored images; pixels are stored as raw bytes."""


def open_stored(folder: Path) -> StoredFile[ImageArrays]:
    """Memory-map a folder that `ImageWriter` filled.

    Raises:
        OSError, EOFError, ValueError, KeyError: the folder is incomplete.
    """
    found = open_folder(folder, DTYPES)
    pixels = found.arrays["pixels"].view(np.dtype(found.about["dtype"])).reshape(found.about["shape"])
    if len(found.arrays["hashes"]) != len(pixels):
        raise ValueError(f"{folder}: the arrays do not have the sizes in about.json")
    return found.of(ImageArrays(pixels, found.targets, found.arrays["hashes"]))


class ImageWriter(ExampleWriter):
    """Fills a folder that `open_stored` reads, image by image."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, DTYPES)
        self._shape: tuple[int, ...] = ()
        self._dtype = np.dtype(np.uint8)

    def add(self, pixels: np.ndarray) -> None:
        """Append an image; all have one shape and type, [channels, height, width]."""
        content = np.ascontiguousarray(pixels)
        self._shape, self._dtype = pixels.shape, pixels.dtype
        self._folder.append("pixels", content.reshape(-1).view(np.uint8))
        self._folder.append("hashes", [content_hash(content.tobytes())])
        self.examples += 1

    def finish(self, collected: Collected) -> None:
        """Write the rest, without which the folder is incomplete."""
        about = {"shape": [self.examples, *self._shape], "dtype": self._dtype.name}
        self._folder.finish((), collected, about)


class ImageDataset(LabeledRows):
    """All stored images, or a selection of them."""

    tokens = 0

    def __init__(self, arrays: ImageArrays, processor: ImageProcessor, rows: np.ndarray | None = None) -> None:
        """Choose examples.

        Args:
            arrays: the stored images.
            processor: how the images are scaled.
            rows: int64 [examples], indices in the store; None for all.
        """
        super().__init__(arrays.targets, len(arrays.pixels), rows, arrays.weights)
        self._arrays = arrays
        self._processor = processor

    @property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: the number of patches of PATCH pixels in an image, at least 1; the same for all."""
        _, _, height, width = self._arrays.pixels.shape
        return np.full(len(self), max(1, height * width // PATCH), dtype=np.int32)

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples], a hash of each example's pixels."""
        return np.asarray(self._arrays.hashes[self._rows])

    def weighted(self, weights: np.ndarray) -> "ImageDataset":
        """Return the same examples with weights, float32 [examples], in place of their own."""
        arrays = replace(self._arrays, weights=placed(weights, self._rows, len(self._arrays.hashes)))
        return ImageDataset(arrays, self._processor, self._rows)

    def subset(self, ids: np.ndarray) -> "ImageDataset":
        """Return the examples with these ids, int64 [examples], as a new dataset with ids from 0."""
        return ImageDataset(self._arrays, self._processor, self._rows[ids])

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the images with these ids, int64 [examples], in this order, as float32 `pixel_values`."""
        return self._batch(ids, {"pixel_values": scaled(self._arrays.pixels[self._rows[ids]], self._processor)})


def scaled(pixels: np.ndarray, processor: ImageProcessor) -> np.ndarray:
    """Return (pixels * scale - mean) / std, float32 [examples, channels, height, width].

    The product is rounded to float32 once, as in transformers.
    """
    mean, std = (np.asarray(values, np.float32).reshape(-1, 1, 1) for values in (processor.mean, processor.std))
    values: np.ndarray = (pixels.astype(np.float64) * processor.scale).astype(np.float32)
    return (values - mean) / std

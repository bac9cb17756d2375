"""Prepared images on disk: arrays that are mapped into memory, and the data set that reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ftcore.backend import Batch
from ftcore.data.checks import content_hash
from ftcore.data.stored import ExampleWriter, StoredFile, open_folder
from ftcore.models.image_processor import ImageProcessor
from ftcore.tasks.words import Words

PATCH = 256
"""Pixels that count as a token where the size of a batch is chosen: a patch of 16 x 16."""


@dataclass(frozen=True)
class ImageArrays:
    """The arrays of stored images.

    Attributes:
        pixels: uint8 or float32 [examples, channels, height, width], resized and cropped, not scaled yet.
        targets: int32 [examples] or float32 [examples, outputs], or [0] where there are none.
        hashes: uint64 [examples], of the pixels.
    """

    pixels: np.ndarray
    targets: np.ndarray
    hashes: np.ndarray


DTYPES = {"pixels": np.uint8, "hashes": np.uint64}
"""The files NAME.bin of stored images; pixels are the bytes of their type."""


def open_stored(folder: Path) -> StoredFile[ImageArrays]:
    """Map a folder that `ImageWriter` filled.

    Raises:
        OSError, EOFError, ValueError, KeyError: it is not whole.
    """
    found = open_folder(folder, DTYPES)
    pixels = found.arrays["pixels"].view(np.dtype(found.about["dtype"])).reshape(found.about["shape"])
    if len(found.arrays["hashes"]) != len(pixels):
        raise ValueError(f"{folder}: the arrays do not have the sizes that about.json tells")
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

    def finish(self, labels: Sequence[str], targets: np.ndarray) -> None:
        """Write the rest; without it the folder is not whole."""
        about = {"shape": [self.examples, *self._shape], "dtype": self._dtype.name}
        self._folder.finish((), labels, targets, about)


class ImageDataset:
    """Stored images: all, or those of some rows."""

    truncated = 0
    tokens = 0

    def __init__(self, arrays: ImageArrays, processor: ImageProcessor, rows: np.ndarray | None = None) -> None:
        """Choose examples.

        Args:
            arrays: the stored images.
            processor: how they are scaled.
            rows: int64 [examples], places in the store; None for all.
        """
        self._arrays = arrays
        self._processor = processor
        self._rows = np.arange(len(arrays.pixels)) if rows is None else np.asarray(rows, dtype=np.int64)

    @cached_property
    def targets(self) -> np.ndarray:
        """int32 [examples] or float32 [examples, outputs]; [0] where the data has none."""
        targets = self._arrays.targets
        return np.asarray(targets[self._rows] if len(targets) else targets)

    @property
    def words(self) -> None:
        """None: an image has one target."""

    @property
    def unread_words(self) -> int:
        """0: there are no words."""
        return 0

    @property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: one number for all, the patches of PATCH pixels in an image, or 1."""
        _, _, height, width = self._arrays.pixels.shape
        return np.full(len(self), max(1, height * width // PATCH), dtype=np.int32)

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples]: equal where the images are equal."""
        return np.asarray(self._arrays.hashes[self._rows])

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._rows)

    def subset(self, ids: np.ndarray) -> "ImageDataset":
        """Return the examples with these ids as a data set of their own, ids renumbered from 0."""
        return ImageDataset(self._arrays, self._processor, self._rows[ids])

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the images with these ids, int64 [examples], in this order: float32 `pixel_values`."""
        rows = self._rows[ids]
        return Batch(
            inputs={"pixel_values": scaled(self._arrays.pixels[rows], self._processor)},
            targets=self._targets_of(rows),
            weights=np.ones(len(ids), dtype=np.float32),
            example_ids=np.asarray(ids, dtype=np.int64),
        )

    def packed(self, ids: np.ndarray) -> Batch:
        """Raise TypeError: an image is no sequence of tokens here."""
        raise TypeError("only tokens can be packed")

    def of_words(self, ids: np.ndarray, logits: np.ndarray) -> Words:
        """Raise TypeError: an image is no words."""
        raise TypeError("images have no words")

    def _targets_of(self, rows: np.ndarray) -> Mapping[str, np.ndarray]:
        targets = self._arrays.targets
        return {"labels": np.asarray(targets[rows])} if len(targets) else {}


def scaled(pixels: np.ndarray, processor: ImageProcessor) -> np.ndarray:
    """Return (pixels * scale - mean) / std, float32 [examples, channels, height, width].

    The product is rounded once, as transformers rounds it.
    """
    mean, std = (np.asarray(values, np.float32).reshape(-1, 1, 1) for values in (processor.mean, processor.std))
    values: np.ndarray = (pixels.astype(np.float64) * processor.scale).astype(np.float32)
    return (values - mean) / std

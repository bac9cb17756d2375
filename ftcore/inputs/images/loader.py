"""Reads, checks and prepares images once; later the cache finds them by their content."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ftcore.data import LoadedFile, Location, Reading, Rejection, TargetCollector, name_of, require_examples
from ftcore.errors import DataError
from ftcore.files import cache
from ftcore.helpers import version_of
from ftcore.inputs.images.pixels import pixels_of_array, pixels_of_file
from ftcore.inputs.images.processor import ImageProcessor
from ftcore.inputs.images.sources import ImageRow, ImageSource, open_images
from ftcore.inputs.images.store import ImageDataset, ImageWriter, open_stored

FORMAT = 2
"""The version in every cache key; raise it if the stored format or a check of rows changes."""
PROGRESS = 10_000
"""Number of images between two progress messages."""
UNIT = 1.0
"""If no pixel of a file is above this, its images are assumed to be scaled already."""


@dataclass(frozen=True)
class ImageLoader:
    """Loads images for one network.

    Attributes:
        processor: how the images are prepared.
        base: the folder that relative paths start from.
        notify: called with messages for the user.
    """

    processor: ImageProcessor
    base: Path
    notify: Callable[[str], None]

    def load(self, location: Location, reading: Reading) -> LoadedFile:
        """Read, check and prepare images, or find them in the cache."""
        source = open_images(location, self.base, reading, self.notify)
        name = name_of(location)
        fingerprint = source.fingerprint()
        key = _key(fingerprint, reading, self.processor)
        stored = cache.found_or_built(key, open_stored, lambda folder: _write(folder, name, source, reading, self))
        return LoadedFile(name, fingerprint, stored, ImageDataset(stored.arrays, self.processor))


def _key(fingerprint: str, reading: Reading, processor: ImageProcessor) -> str:
    geometry = {name: value for name, value in asdict(processor).items() if name not in ("mean", "std")}
    depends_on = {
        "format": FORMAT,
        "data": fingerprint,
        "processor": geometry,
        "pillow": version_of("Pillow"),
        **reading.facts(),
    }
    return cache.key_of("images", depends_on)


def _write(folder: Path, name: str, source: ImageSource, reading: Reading, loader: ImageLoader) -> None:
    """Make one pass over the images, from rows to arrays."""
    collector = reading.collector()
    largest, floating = 0.0, False
    with ImageWriter(folder) as writer:
        for row in source.rows():
            try:
                pixels = _taken(row, loader.processor, collector)
            except ValueError as error:
                reading.reject(Rejection(name, row.number, row.line, str(error), row.file), writer)
                continue
            writer.add(pixels)
            largest, floating = max(largest, float(pixels.max())), pixels.dtype != np.uint8
            if row.number % PROGRESS == 0:
                loader.notify(f"{name}: {row.number:,} images read")
        require_examples(name, writer.examples, writer.rejected)
        if floating and largest <= UNIT:
            _check_scale(name, loader.processor)
        writer.finish(reading.finished(collector, name, source.notes))


def _taken(row: ImageRow, processor: ImageProcessor, collector: TargetCollector | None) -> np.ndarray:
    """Return a row's pixels and collect its label; raises ValueError with the reason if the row is bad."""
    if row.problem is not None or row.image is None:
        raise ValueError(row.problem)
    image = row.image
    pixels = pixels_of_file(image, processor) if isinstance(image, Path) else pixels_of_array(image, processor)
    if collector is not None:
        collector.add(row.target)
    return pixels


def _check_scale(name: str, processor: ImageProcessor) -> None:
    if processor.scale < UNIT / 2:
        raise DataError(
            f"{name}: no pixel is above {UNIT:g}, but pixels are multiplied by {processor.scale:.4g}, which is for "
            "0 ... 255: set rescale_factor to 1 in preprocessor_config.json, or give 8-bit images"
        )

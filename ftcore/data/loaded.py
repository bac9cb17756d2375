"""A file of a spec that was read and checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ftcore.data.dataset import CountedDataset
from ftcore.data.reading import Reading


class Stored(Protocol):
    """What the cache knows of a file beside its examples."""

    @property
    def form(self) -> tuple[str, ...]:
        """The columns that its texts came from, by ftcore's names; () of images and numbers."""
        ...

    @property
    def labels(self) -> list[str]:
        """In order; [] where there are none."""
        ...

    @property
    def rejected(self) -> int:
        """Number of bad rows that were left out."""
        ...

    @property
    def rejections(self) -> Path:
        """The file that lists them, one JSON object a line."""
        ...


@dataclass(frozen=True)
class LoadedFile:
    """A file of the spec.

    Attributes:
        name: as the spec has it.
        sha256: of its content.
        stored: what the cache knows of it.
        dataset: all its examples.
    """

    name: str
    sha256: str
    stored: Stored
    dataset: CountedDataset


class Loader(Protocol):
    """Loads files for one model."""

    def load(self, location: str, reading: Reading) -> LoadedFile:
        """Read and check a file, or find it in the cache."""
        ...

"""Describes a file of a spec after it was read and checked."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ftcore.data.dataset import CountedDataset
from ftcore.data.reading import Reading
from ftcore.data.row_columns import RowFacts
from ftcore.data.sources import Location


class Stored(Protocol):
    """What the cache stores about a file besides its examples."""

    @property
    def form(self) -> tuple[str, ...]:
        """The columns of its texts, by ftcore's names; () for images and numbers."""
        ...

    @property
    def labels(self) -> list[str]:
        """The labels in order; [] if there are none."""
        ...

    @property
    def rejected(self) -> int:
        """Number of bad rows that were left out."""
        ...

    @property
    def rejections(self) -> Path:
        """The file that lists the bad rows, one JSON object per line."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Messages for the user about how the file was read."""
        ...


@dataclass(frozen=True)
class LoadedFile:
    """A file of the spec.

    Attributes:
        name: the file, as the spec names it.
        sha256: the SHA-256 of its content.
        stored: what the cache stores about it.
        dataset: all its examples.
        facts: what its columns about rows say.
    """

    name: str
    sha256: str
    stored: Stored
    dataset: CountedDataset
    facts: RowFacts = field(default_factory=RowFacts)


class Loader(Protocol):
    """Loads files for one model."""

    @property
    def base(self) -> Path:
        """The folder that relative paths start from."""
        ...

    def load(self, location: Location, reading: Reading) -> LoadedFile:
        """Read and check a file, or find it in the cache."""
        ...

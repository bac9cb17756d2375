"""Reads and checks series once; later the cache finds them by their content."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftcore.data import LoadedFile, Location, Reading, Rejection, TargetCollector, name_of, require_examples
from ftcore.files import cache
from ftcore.inputs.series.channels import VectorInput
from ftcore.inputs.series.sources import SeriesRow, SeriesSource, open_series
from ftcore.inputs.series.store import SeriesDataset, SeriesWriter, open_stored

FORMAT = 2
"""The version in every cache key; raise it if the stored format or a check of rows changes."""
PROGRESS = 10_000
"""Number of sequences between two progress messages."""


@dataclass(frozen=True)
class SeriesLoader:
    """Loads series for one network.

    Attributes:
        takes: the vectors that the network takes.
        base: the folder that relative paths start from.
        notify: called with messages for the user.
    """

    takes: VectorInput
    base: Path
    notify: Callable[[str], None]

    def load(self, location: Location, reading: Reading) -> LoadedFile:
        """Read and check sequences, or find them in the cache."""
        source = open_series(location, self.base, reading, self.notify)
        name = name_of(location)
        fingerprint = source.fingerprint()
        key = _key(name, fingerprint, reading, self.takes.channels)
        stored = cache.found_or_built(key, open_stored, lambda folder: _write(folder, name, source, reading, self))
        return LoadedFile(name, fingerprint, stored, SeriesDataset(stored.arrays, self.takes.standardization))


def _key(name: str, fingerprint: str, reading: Reading, channels: int) -> str:
    depends_on = {
        "format": FORMAT,
        "kind": Path(name).suffix.lower(),
        "data": fingerprint,
        "channels": channels,
        **reading.facts(),
    }
    return cache.key_of("numbers", depends_on)


def _write(folder: Path, name: str, source: SeriesSource, reading: Reading, loader: SeriesLoader) -> None:
    """Make one pass over the sequences, from rows to arrays."""
    collector = reading.collector()
    with SeriesWriter(folder, loader.takes.channels) as writer:
        for row in source.rows(loader.takes.channels):
            try:
                writer.add(_taken(row, collector))
            except ValueError as error:
                reading.reject(Rejection(name, row.number, row.line, str(error), row.file), writer)
            if row.number % PROGRESS == 0:
                loader.notify(f"{name}: {row.number:,} sequences read")
        require_examples(name, writer.examples, writer.rejected)
        writer.finish(reading.finished(collector, name, source.notes))


def _taken(row: SeriesRow, collector: TargetCollector | None) -> np.ndarray:
    """Return a row's vectors and collect its label; raises ValueError with the reason if the row is bad."""
    if row.problem is not None or row.vectors is None:
        raise ValueError(row.problem)
    if collector is not None:
        collector.add(row.target)
    return row.vectors

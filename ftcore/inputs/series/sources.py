"""Reads series and labels from a table with lists, or from a padded array in a .npz file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from ftcore.data import (
    ARRAYS,
    NUMBERS,
    Columns,
    Location,
    Reading,
    Row,
    Source,
    array_names,
    open_source,
    read_array,
    target_of,
    unread_notes,
)
from ftcore.errors import DataError
from ftcore.files import sha256
from ftcore.inputs.series.steps import vectors_of_array, vectors_of_lists

LENGTHS, LABELS = "lengths", "labels"
"""Names of the arrays in a .npz file; data.columns.label can give another one for labels."""


class SeriesRow(NamedTuple):
    """One sequence.

    Attributes:
        number: the sequence's number, 1 for the first.
        line: its line in a text file, or None.
        vectors: float32 [steps, channels]; None if the row is bad.
        target: its label, unchecked; None if targets are not read.
        problem: why the row is bad, or None.
        file: its file, if the data is in several; else None.
    """

    number: int
    line: int | None
    vectors: np.ndarray | None
    target: object
    problem: str | None = None
    file: str | None = None


class SeriesSource(Protocol):
    """A source of sequences and labels."""

    @property
    def notes(self) -> Sequence[str]:
        """Messages for the user about what is not read."""
        ...

    def fingerprint(self) -> str:
        """Return the SHA-256 of the content that is read."""
        ...

    def rows(self, channels: int) -> Iterator[SeriesRow]:
        """Read the sequences in order, for a network with this number of channels."""
        ...


def open_series(location: Location, base: Path, reading: Reading, notify: Callable[[str], None]) -> SeriesSource:
    """Return the sequences that a spec names.

    Args:
        location: a table (a file, a saved datasets folder or a hub name), or a .npz file.
        base: the folder that relative paths start from.
        reading: which columns, or arrays, are read, and how.
        notify: called with messages for the user.

    Raises:
        DataError: it does not exist, or is of a kind that cannot be read.
    """
    rules = reading.rules
    if (
        isinstance(location, str)
        and (path := base / Path(location).expanduser()).suffix.lower() == ARRAYS
        and path.is_file()
    ):
        label = None if rules.target is None else rules.given.get(rules.target, LABELS)
        return _Padded(location, path, rules.given.get(NUMBERS, NUMBERS), label)
    source = open_source(location, base, reading.format, reading.where).told(notify)
    return _Table(source, rules.bind(source.name, source.reader.columns()))


@dataclass(frozen=True)
class _Table:
    """A table with a column of lists of lists."""

    source: Source
    columns: Columns

    @property
    def notes(self) -> Sequence[str]:
        """Name the columns that are not read."""
        return self.columns.notes

    def fingerprint(self) -> str:
        """Return the table's hash."""
        return self.source.sha256()

    def rows(self, channels: int) -> Iterator[SeriesRow]:
        """Yield the table's rows."""
        for row in self.source.rows(self.columns.wanted, self.columns.texts.values()):
            yield self._row(row, channels)

    def _row(self, row: Row, channels: int) -> SeriesRow:
        column = self.columns.texts[NUMBERS]
        try:
            if row.problem is not None:
                raise ValueError(row.problem)
            vectors = vectors_of_lists(row.values.get(column), column, channels)
            target = None if self.columns.target is None else target_of(row.values, *self.columns.target)
            return SeriesRow(row.number, row.line, vectors, target, file=row.file)
        except ValueError as error:
            return SeriesRow(row.number, row.line, None, None, str(error), row.file)


@dataclass(frozen=True)
class _Padded:
    """A .npz file with an array [sequences, steps, channels], one of labels, and one of lengths if they differ."""

    name: str
    path: Path
    values: str
    labels: str | None

    @property
    def notes(self) -> Sequence[str]:
        """Name the arrays that are not read."""
        names = array_names(self.name, self.path)
        return unread_notes([name for name in names if name not in (self.values, self.labels, LENGTHS)], "arrays")

    def fingerprint(self) -> str:
        """Return the file's hash."""
        return sha256(self.path)

    def rows(self, channels: int) -> Iterator[SeriesRow]:
        """Yield the sequences."""
        values = read_array(self.name, self.path, NUMBERS, self.values)
        if values.ndim != 3 or values.dtype.kind not in "uif":
            raise DataError(
                f"{self.name}: {self.values!r} is {values.dtype} {list(values.shape)}, but must hold numbers "
                f"[sequences, steps, channels], shorter ones padded, with their lengths in {LENGTHS!r}"
            )
        lengths = self._lengths(values)
        labels = None if self.labels is None else self._of_each("label", self.labels, values)
        for index, length in enumerate(lengths.tolist()):
            yield self._row(index, values[index], length, channels, None if labels is None else labels[index].item())

    def _row(self, index: int, values: np.ndarray, length: int, channels: int, target: object) -> SeriesRow:
        try:
            if not 1 <= length <= len(values):
                raise ValueError(f"its length is {length}, but must be from 1 to the {len(values)} steps of the array")
            return SeriesRow(index + 1, None, vectors_of_array(values[:length], self.values, channels), target)
        except ValueError as error:
            return SeriesRow(index + 1, None, None, None, str(error))

    def _lengths(self, values: np.ndarray) -> np.ndarray:
        if LENGTHS not in array_names(self.name, self.path):
            return np.full(len(values), values.shape[1])
        lengths = self._of_each(LENGTHS, LENGTHS, values)
        if lengths.dtype.kind not in "ui":
            raise DataError(f"{self.name}: {LENGTHS!r} is {lengths.dtype}, but must hold integers")
        return lengths

    def _of_each(self, own: str, array: str, values: np.ndarray) -> np.ndarray:
        found = read_array(self.name, self.path, own, array)
        if found.shape != values.shape[:1]:
            raise DataError(
                f"{self.name}: {array!r} is {list(found.shape)}, but must have one element for each of the "
                f"{len(values)} sequences"
            )
        return found

"""Reads what further columns say about the rows of a file: their weights, their groups and their splits."""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftcore.data.forms import GROUP, SPLIT, WEIGHT
from ftcore.data.names import name_text
from ftcore.data.numbers import finite_number
from ftcore.data.numpy_files import ARRAYS, absent, array_files, open_arrays
from ftcore.data.readers.base import Row, place
from ftcore.data.reading import Reading
from ftcore.data.sources import SAVED_MARKS, Location, name_of, open_source
from ftcore.errors import DataError

SPLITS = ("train", "validation", "test")
OTHER_NAMES = {"training": "train", "valid": "validation", "val": "validation", "dev": "validation"}
"""Other usual names of splits."""


@dataclass(frozen=True)
class RowFacts:
    """What the columns about rows say; None for a column that is not read.

    Attributes:
        weights: float32 [rows], the weight of each row in the loss and the metrics.
        groups: int64 [rows], a number for each group.
        splits: int64 [rows], the index in `SPLITS` of each row's split.
        renamed: the names of splits that were read as others.
    """

    weights: np.ndarray | None = None
    groups: np.ndarray | None = None
    splits: np.ndarray | None = None
    renamed: tuple[str, ...] = ()


def read_row_facts(location: Location, base: Path, reading: Reading, left_out: frozenset[int]) -> RowFacts:
    """Read the columns about rows in a pass of their own.

    Args:
        location: the file, or files, as the spec names them.
        base: the folder that relative paths start from.
        reading: how its rows are read, and which columns about rows.
        left_out: the numbers of bad rows that were left out.

    Raises:
        DataError: a column is missing, or a value of it is wrong, even if bad rows are skipped.
    """
    columns = reading.rules.about_rows
    if not columns:
        return RowFacts()
    collectors: dict[str, _Column] = {own: COLUMNS[own]() for own in columns}
    for row in _rows(location, base, reading):
        if row.number not in left_out and row.problem is None:
            _take(name_of(location), row, columns, collectors)
    found = {own: np.asarray(collector.values) for own, collector in collectors.items()}
    weights, renamed = found.get(WEIGHT), getattr(collectors.get(SPLIT), "renamed", ())
    return RowFacts(
        None if weights is None else weights.astype(np.float32), found.get(GROUP), found.get(SPLIT), tuple(renamed)
    )


class _Column:
    """Collects the values of one column."""

    def __init__(self) -> None:
        self.values = array("q")

    def add(self, value: object) -> None:
        """Take a row's value; raises ValueError with the reason if it is wrong."""
        raise NotImplementedError


class _Weights(_Column):
    def __init__(self) -> None:
        self.values: array[float] = array("d")  # type: ignore[assignment]

    def add(self, value: object) -> None:
        weight = finite_number(value, WEIGHT)
        if np.float32(weight) <= 0:
            raise ValueError(f"the {WEIGHT} is {value!r}, but must be above 0: leave rows out that are not to count")
        self.values.append(weight)


class _Groups(_Column):
    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[str, int] = {}

    def add(self, value: object) -> None:
        name = name_text(value, GROUP)
        self.values.append(self._numbers.setdefault(name, len(self._numbers)))


class _Splits(_Column):
    def __init__(self) -> None:
        super().__init__()
        self.renamed: dict[str, None] = {}

    def add(self, value: object) -> None:
        name = name_text(value, "split").strip()
        own = OTHER_NAMES.get(name.lower(), name.lower())
        if own not in SPLITS:
            raise ValueError(f"the split is {name!r}; allowed: {', '.join(SPLITS)}")
        if own != name:
            self.renamed[f"{name!r} is read as {own}"] = None
        self.values.append(SPLITS.index(own))


COLUMNS: Mapping[str, Callable[[], _Column]] = {WEIGHT: _Weights, GROUP: _Groups, SPLIT: _Splits}


def _take(name: str, row: Row, columns: Mapping[str, str], collectors: Mapping[str, _Column]) -> None:
    for own, column in columns.items():
        try:
            collectors[own].add(row.values.get(column))
        except ValueError as error:
            raise DataError(f"{place(name, row)}: column {column!r}: {error}") from None


def _rows(location: Location, base: Path, reading: Reading) -> Iterator[Row]:
    columns = reading.rules.about_rows
    if isinstance(location, str):
        path = base / Path(location).expanduser()
        if path.is_dir() and not (array_files(path) or any((path / mark).is_file() for mark in SAVED_MARKS)):
            named = ", ".join(f"data.columns.{own}" for own in columns)
            raise DataError(
                f"{location}: is a folder of images, which has no columns: leave {named} out, or give a table"
            )
        if path.suffix.lower() == ARRAYS or array_files(path):
            return _rows_of_arrays(location, path, columns)
    source = open_source(location, base, reading.format, reading.where)
    _require(source.name, columns, source.reader.columns(), "column")
    return source.rows(list(columns.values()), ())


def _rows_of_arrays(location: str, path: Path, columns: Mapping[str, str]) -> Iterator[Row]:
    arrays = open_arrays(location, path)
    _require(location, columns, list(arrays), "array")
    chosen = [arrays[column] for column in columns.values()]
    names = list(columns.values())
    for number, values in enumerate(zip(*chosen, strict=True), start=1):
        yield Row(number, None, {name: value.item() for name, value in zip(names, values, strict=True)})


def _require(location: str, columns: Mapping[str, str], found: Sequence[str], what: str) -> None:
    for own, column in columns.items():
        if column not in found:
            raise DataError(f"{location}: {absent(own, column, list(found), what)}")

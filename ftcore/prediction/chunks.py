"""Reads rows in chunks that fit in memory, together with their examples."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ftcore.data import (
    STANDARD_INPUT,
    ColumnRules,
    Dataset,
    Reading,
    Row,
    RowEncoder,
    Source,
    TableFormat,
    place,
    rows,
    stored_file,
)
from ftcore.errors import DataError, NotFiniteError
from ftcore.evaluation import row_of
from ftcore.formats import OnBadRow, StreamFormat
from ftcore.helpers import did_you_mean, listed
from ftcore.inputs import Preparer
from ftcore.observer import Notify

CHUNK = 4096
"""Maximum number of rows in memory at once."""


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows.

    Attributes:
        rows: all rows, in order.
        dataset: the examples of the good rows, in order; None if there are none.
        problems: the errors of the other rows, by row number.
        name: the file of the rows, as the user wrote it.
    """

    rows: Sequence[Row]
    dataset: Dataset | None
    problems: Mapping[int, str] = field(default_factory=dict)
    name: str = ""


def read_chunks(source: Source, encoder: RowEncoder, keep: Sequence[str], on_bad_row: OnBadRow) -> Iterator[Chunk]:
    """Read, check and encode rows as they arrive; nothing is cached.

    Args:
        source: the source of the rows.
        encoder: makes examples of them.
        keep: further columns to read.
        on_bad_row: "stop" or "skip".

    Raises:
        DataError: the source is wrong, or a row is and `on_bad_row` is "stop".
    """
    found = source.reader.columns()
    columns = encoder.rules.bind(source.name, found)
    _check_kept(source.name, keep, found)
    for part in _parts(source.reader.rows(list(dict.fromkeys([*columns.wanted, *keep])))):
        dataset, problems = encoder.encode(source, part, columns)
        if problems and on_bad_row == "stop":
            raise DataError(next(iter(problems.values())))
        yield Chunk(part, dataset, problems, source.name)


@dataclass(frozen=True)
class StoredInputs:
    """How to read the inputs of a model that reads whole files.

    Attributes:
        rules: which columns are read.
        preparer: makes the examples.
        format: how the rows of files are read.
    """

    rules: ColumnRules
    preparer: Preparer
    format: TableFormat = field(default_factory=TableFormat)


def stored_chunks(
    location: str, stream_format: StreamFormat, inputs: StoredInputs, keep: Sequence[str], notify: Notify
) -> Iterator[Chunk]:
    """Prepare images, series or arrays in the cache, as for training, and yield memory-mapped parts of them."""
    inputs.preparer.check_stream(location == STANDARD_INPUT)
    with stored_file(location, stream_format) as path:
        reading = Reading(inputs.rules, target=None, labels=None, on_bad_row="stop", format=inputs.format)
        dataset = inputs.preparer.loader(Path.cwd(), notify).load(path, reading).dataset
        numbered = (
            rows(path, Path.cwd(), inputs.format)
            if keep
            else (Row(number, None, {}) for number in range(1, len(dataset) + 1))
        )
        start = 0
        for part in _parts(numbered):
            _check_kept(path, keep, list(part[0].values))
            yield Chunk(part, dataset.subset(np.arange(start, start + len(part))), name=location)
            start += len(part)


@contextmanager
def rows_named(name: str, rows: Sequence[Row], dataset: Dataset) -> Iterator[None]:
    """Name the row in an error of an example that is not finite.

    Args:
        name: the file, or "" if the row's number says enough.
        rows: the rows of which the examples were made.
        dataset: the examples.
    """
    try:
        yield
    except NotFiniteError as error:
        if error.example is None:
            raise
        raise error.at(place(name, rows[row_of(dataset, error.example) - 1])) from error


def _parts(given: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(given)
    while part := list(itertools.islice(remaining, CHUNK)):
        yield part


def _check_kept(name: str, keep: Sequence[str], found: Sequence[str]) -> None:
    for column in keep:
        if column not in found:
            raise DataError(
                f"{name}: there is no column {column!r} to keep{did_you_mean(column, found)}; "
                f"its columns are {listed(found)}"
            )

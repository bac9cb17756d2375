"""Defines the interface of readers of data files, and their common checks."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from ftcore.errors import DataError

PROBE = 64
"""Number of first rows from which the columns are found in a format without a header."""


class Row(NamedTuple):
    """One row of a data file.

    Attributes:
        number: the row's number, 1 for the first data row.
        line: the line where the row begins; None if the format has no lines.
        values: the values by the file's column names; {} if the row could not be read.
        problem: why the row could not be read, or None.
        file: the row's file, if the data is in several; else None.
    """

    number: int
    line: int | None
    values: Mapping[str, object]
    problem: str | None = None
    file: str | None = None


class Reader(Protocol):
    """Reads one data file, or another source of rows."""

    def columns(self) -> list[str]:
        """Return the file's columns: those of its header, or of the first rows if it has no header."""
        ...

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row, from the first.

        Args:
            columns: the needed columns; formats that store columns separately read only these.
        """
        ...

    def files(self) -> list[Path]:
        """Return the files whose content is the data."""
        ...


def place(name: str, row: Row) -> str:
    """Return where a row of the data `name` is: "train.jsonl:17: row 17", or without a line if the format has none."""
    name = row.file or name
    return f"{name}: row {row.number}" if row.line is None else f"{name}:{row.line}: row {row.number}"


def columns_of_rows(name: str, rows: Iterator[Row]) -> list[str]:
    """Return the columns of the first rows.

    Raises:
        DataError: there is no row, or none of the first rows can be read.
    """
    probed = list(itertools.islice(rows, PROBE))
    if not probed:
        raise DataError(f"{name}: has no rows")
    readable = [row for row in probed if row.problem is None]
    if not readable:
        raise DataError(f"{place(name, probed[0])}: {probed[0].problem}")
    return list(dict.fromkeys(column for row in readable for column in row.values))


def check_distinct(where: str, columns: Sequence[str]) -> None:
    """Raise a DataError if two columns have the same name."""
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        raise DataError(f"{where}: the column {twice[0]!r} occurs more than once: rename one of them")

"""What a reader of a data file gives, and the checks that readers share."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from ftcore.errors import DataError

PROBE = 64
"""Rows that tell the columns of a format without a header."""


class Row(NamedTuple):
    """One row of a data file.

    Attributes:
        number: 1 for the first data row.
        line: where it begins in the file; None where the format has no lines.
        values: by the file's names of columns; {} where the row could not be read.
        problem: why it could not be read, or None.
    """

    number: int
    line: int | None
    values: Mapping[str, object]
    problem: str | None = None


class Reader(Protocol):
    """Reads one data file, or what stands for one."""

    def columns(self) -> list[str]:
        """Return the file's columns: its header's, or those of the first rows where it has no header."""
        ...

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row, from the first.

        Args:
            columns: those that are needed; a format that stores columns apart gives no others.
        """
        ...

    def files(self) -> list[Path]:
        """Return the files whose content is the data."""
        ...


def place(name: str, row: Row) -> str:
    """Return where a row is: "train.jsonl:17: row 17", or without the line where the format has none."""
    return f"{name}: row {row.number}" if row.line is None else f"{name}:{row.line}: row {row.number}"


def columns_of_rows(name: str, rows: Iterator[Row]) -> list[str]:
    """Return the columns that the first rows have.

    Raises:
        DataError: there is no row, or none of the first can be read.
    """
    probed = list(itertools.islice(rows, PROBE))
    if not probed:
        raise DataError(f"{name}: has no rows")
    readable = [row for row in probed if row.problem is None]
    if not readable:
        raise DataError(f"{place(name, probed[0])}: {probed[0].problem}")
    return list(dict.fromkeys(column for row in readable for column in row.values))


def check_distinct(where: str, columns: Sequence[str]) -> None:
    """Raise a DataError where two columns have one name."""
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        raise DataError(f"{where}: the column {twice[0]!r} is there more than once: rename one of them")

"""Reads rows that can be read only once, from standard input or given by a program."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ftcore.data.readers.base import PROBE, Row, columns_of_rows


class OnePassReader:
    """Reads rows as they arrive.

    Args:
        rows: every row, with every column.
        name: its name in errors.
    """

    def __init__(self, rows: Iterable[Row], name: str) -> None:
        self._rest = iter(rows)
        self._first: list[Row] = []
        self._name = name

    def columns(self) -> list[str]:
        """Return the columns of the first rows, which `rows` still yields."""
        self._first += itertools.islice(self._rest, PROBE - len(self._first))
        return columns_of_rows(self._name, iter(self._first))

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Yield the rows with every column; a second call yields none."""
        first, self._first = self._first, []
        return itertools.chain(first, self._rest)

    def files(self) -> list[Path]:
        """Return none."""
        return []

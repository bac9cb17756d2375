"""Rows that can be read once only: of standard input, or given by a program."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ftcore.data.readers.base import PROBE, Row, columns_of_rows


class OnePassReader:
    """Reads rows as they come.

    Args:
        rows: every row, with every column.
        name: what errors call it.
    """

    def __init__(self, rows: Iterable[Row], name: str) -> None:
        self._rest = iter(rows)
        self._first: list[Row] = []
        self._name = name

    def columns(self) -> list[str]:
        """Return the columns of the first rows, which `rows` gives all the same."""
        self._first += itertools.islice(self._rest, PROBE - len(self._first))
        return columns_of_rows(self._name, iter(self._first))

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Give the rows, every column; a second time there are none."""
        first, self._first = self._first, []
        return itertools.chain(first, self._rest)

    def files(self) -> list[Path]:
        """Return none."""
        return []

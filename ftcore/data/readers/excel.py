"""Reads a sheet of an Excel file."""

import importlib.util
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftcore.data.readers.base import Row, check_distinct
from ftcore.data.readers.plain_values import plain
from ftcore.errors import DataError

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

ERROR_CELL = "e"
"""The type of a cell whose formula failed, such as #N/A."""


@dataclass(frozen=True)
class ExcelReader:
    """Reads a sheet; a row without any value is skipped, as is a column without a name.

    Attributes:
        path: the file.
        name: its name in errors.
        sheet: the sheet's name, or None for the only one.
        header: whether the first row names the columns.
    """

    path: Path
    name: str
    sheet: str | None = None
    header: bool = True

    def columns(self) -> list[str]:
        """Return the columns of the first row."""
        with self._sheet() as sheet:
            return [name for name in self._names(self._filled(sheet))[0] if name is not None]

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row, every column; a value is a string, a number, a boolean or None."""
        with self._sheet() as sheet:
            names, filled = self._names(self._filled(sheet))
            for number, (line, cells) in enumerate(filled, start=1):
                given = list(itertools.zip_longest(names, cells))
                problem = _problem(given)
                values = {name: plain(cell.value) if cell else None for name, cell in given if name is not None}
                yield Row(number, line, {} if problem else values, problem)

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.path]

    def _filled(self, sheet: "ReadOnlyWorksheet") -> Iterator[tuple[int, Sequence[Any]]]:
        """Yield the number and the cells of each row that has a value."""
        for line, cells in enumerate(sheet.iter_rows(), start=1):
            if any(cell.value is not None for cell in cells):
                yield line, cells

    def _names(
        self, filled: Iterator[tuple[int, Sequence[Any]]]
    ) -> tuple[list[str | None], Iterator[tuple[int, Sequence[Any]]]]:
        first = next(filled, None)
        if first is None:
            raise DataError(f"{self.name}: the sheet is empty")
        if not self.header:
            return [str(place) for place in range(1, len(first[1]) + 1)], itertools.chain([first], filled)
        names = [None if cell.value is None else str(plain(cell.value)) for cell in first[1]]
        check_distinct(f"{self.name}:{first[0]}", [name for name in names if name is not None])
        return names, filled

    @contextmanager
    def _sheet(self) -> "Iterator[ReadOnlyWorksheet]":
        if importlib.util.find_spec("openpyxl") is None:
            raise DataError(f"{self.name}: Excel files need the package 'openpyxl': pip install 'ftcore[excel]'")
        import openpyxl

        try:
            book = openpyxl.load_workbook(self.path, read_only=True, data_only=True)
        except Exception as error:  # the library raises errors of many kinds
            raise DataError(f"{self.name}: cannot be read as an Excel file; is it complete? {error}") from error
        try:
            sheets = {sheet.title: sheet for sheet in book.worksheets}
            yield sheets[self._chosen(list(sheets))]
        finally:
            book.close()

    def _chosen(self, sheets: Sequence[str]) -> str:
        if self.sheet is None and len(sheets) == 1:
            return sheets[0]
        if self.sheet in sheets:
            return str(self.sheet)
        missing = "has several sheets" if self.sheet is None else f"has no sheet {self.sheet!r}"
        raise DataError(f"{self.name}: {missing}: set data.sheet to one of {', '.join(sheets)}")


def _problem(given: Sequence[tuple[str | None, Any]]) -> str | None:
    """Return why a row cannot be read: a formula that failed."""
    for name, cell in given:
        if name is not None and getattr(cell, "data_type", None) == ERROR_CELL:
            return f"the column {name!r} is {cell.value}, the result of a formula that failed"
    return None

"""Reads CSV and TSV: a header, then records, whose quoted fields may span lines."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from ftcore.data.readers.base import Row, check_distinct
from ftcore.data.readers.text_file import not_utf8, text_file
from ftcore.errors import DataError

Record = tuple[int, list[str], str | None]
"""The line where a record begins, its fields, and why it could not be read."""

EXPLAINED = {
    "unexpected end of data": "a quote is opened and never closed",
    "expected after": 'text follows a closing quote (inside quotes a quote is written twice: "")',
    "field larger than": "a field has more than 131,072 characters: is a quote never closed?",
    "new-line character": "there is a carriage return in a field: end lines with \\n or \\r\\n, or quote the field",
}
"""Explanations of the csv module's messages, by a part of the message."""


@dataclass(frozen=True)
class DelimitedReader:
    """Reads CSV or TSV; every value is a string.

    Attributes:
        path: the file.
        name: its name in errors.
        delimiter: the separator of fields.
    """

    path: Path
    name: str
    delimiter: str

    def columns(self) -> list[str]:
        """Return the header."""
        with text_file(self.path, self.name) as stream:
            return self._header(self._records(stream))

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row; blank lines are skipped."""
        with text_file(self.path, self.name) as stream:
            records = self._records(stream)
            header = self._header(records)
            for number, (line, fields, problem) in enumerate(records, start=1):
                if problem is None and len(fields) != len(header):
                    problem = f"{len(fields)} fields, but the header has {len(header)}"
                values = dict(zip(header, fields, strict=True)) if problem is None else {}
                yield Row(number, line, values, problem)

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.path]

    def _header(self, records: Iterator[Record]) -> list[str]:
        line, fields, problem = next(records, (1, [], "is missing"))
        if problem is not None:
            raise DataError(f"{self.name}:{line}: the header: {problem}")
        check_distinct(f"{self.name}:{line}", fields)
        return fields

    def _records(self, stream: BufferedReader) -> Iterator[Record]:
        lines = _Lines(stream)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        while True:
            first = lines.count + 1
            try:
                fields = next(reader)
                problem = None
            except csv.Error as error:
                fields, problem = [], _explained(error)
            except StopIteration:
                return
            problem = lines.take_problem() or problem
            if fields or problem:
                yield first, fields, problem


class _Lines:
    """Decodes and counts lines; a line that is not UTF-8 is passed on, and its error is kept."""

    def __init__(self, stream: BufferedReader) -> None:
        self.count = 0
        self._stream = stream
        self._problem: str | None = None

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = next(self._stream)
        self.count += 1
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            self._problem = not_utf8(error)
            return raw.decode("utf-8", errors="replace")

    def take_problem(self) -> str | None:
        problem, self._problem = self._problem, None
        return problem


def _explained(error: csv.Error) -> str:
    said = str(error)
    return next((meaning for part, meaning in EXPLAINED.items() if part in said), said)

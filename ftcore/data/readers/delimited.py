"""Reads CSV and TSV: a header, then records, whose quoted fields may span lines."""

import csv
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

from ftcore.data.readers.base import Row, check_distinct
from ftcore.data.readers.text_file import TextFile, not_utf8
from ftcore.errors import DataError

EXPLAINED = {
    "unexpected end of data": "a quote is opened and never closed",
    "expected after": 'text follows a closing quote (inside quotes a quote is written twice: "")',
    "new-line character": "there is a carriage return in a field: end lines with \\n or \\r\\n, or quote the field",
}
"""Explanations of the csv module's messages, by a part of the message."""
REMEDY = "; see data.delimiter and data.quoting"
OF_QUOTES = tuple(EXPLAINED.values())[:2]
NOT_QUOTING = "; if quotes are characters like others, set data.quoting: none"


class Dialect(NamedTuple):
    """How lines are divided into fields.

    Attributes:
        delimiter: the separator of fields.
        quoted: whether a field that begins with a quote ends with one; else quotes are like other characters.
        header: whether the first record names the columns.
        decided: whether `quoted` is known to be right; if not, a field over several lines is checked.
    """

    delimiter: str
    quoted: bool = True
    header: bool = True
    decided: bool = True


class Record(NamedTuple):
    """One record.

    Attributes:
        line: the line where it begins.
        fields: its fields; [] if it could not be read.
        problem: why it could not be read, or None.
        lines: the text of its lines.
    """

    line: int
    fields: list[str]
    problem: str | None
    lines: Sequence[str]


@dataclass(frozen=True)
class DelimitedReader:
    """Reads CSV or TSV; every value is a string.

    Attributes:
        file: the file.
        dialect: how its lines are divided.
    """

    file: TextFile
    dialect: Dialect

    def columns(self) -> list[str]:
        """Return the header, or the numbers of the columns from "1"."""
        with self.file.open() as stream:
            return self._names(self._records(stream))[0]

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row; blank lines are skipped."""
        with self.file.open() as stream:
            header, records = self._names(self._records(stream))
            for number, record in enumerate(records, start=1):
                problem = record.problem
                if problem is None and len(record.fields) != len(header):
                    problem = f"{len(record.fields)} fields, but the {self._first} has {len(header)}{REMEDY}"
                if len(record.lines) > 1 and not self.dialect.decided:
                    self._check_lines(record, len(header))
                values = dict(zip(header, record.fields, strict=True)) if problem is None else {}
                yield Row(number, record.line, values, problem)

    def records(self) -> Iterator[Record]:
        """Read every record, the header too."""
        with self.file.open() as stream:
            yield from self._records(stream)

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.file.path]

    @property
    def _first(self) -> str:
        return "header" if self.dialect.header else "first row"

    def _names(self, records: Iterator[Record]) -> tuple[list[str], Iterator[Record]]:
        """Return the names of the columns, and the records of rows."""
        first = next(records, Record(1, [], "is missing", ()))
        if first.problem is not None:
            raise DataError(f"{self.file.name}:{first.line}: the {self._first}: {first.problem}")
        if not self.dialect.header:
            return [str(place) for place in range(1, len(first.fields) + 1)], itertools.chain([first], records)
        check_distinct(f"{self.file.name}:{first.line}", first.fields)
        return first.fields, records

    def _records(self, stream: BufferedReader) -> Iterator[Record]:
        lines = _Lines(stream)
        return self._quoted(lines) if self.dialect.quoted else self._plain(lines)

    def _plain(self, lines: "_Lines") -> Iterator[Record]:
        for line in lines:
            text, problem = line.rstrip("\r\n"), lines.take_problem()
            if "\r" in text:
                problem = EXPLAINED["new-line character"]
            if text:
                yield Record(lines.count, [] if problem else text.split(self.dialect.delimiter), problem, (line,))

    def _quoted(self, lines: "_Lines") -> Iterator[Record]:
        csv.field_size_limit(sys.maxsize)  # the module's own limit would refuse long texts
        reader = csv.reader(lines, delimiter=self.dialect.delimiter, strict=True)
        while True:
            first = lines.count + 1
            try:
                fields, problem = next(reader), None
            except csv.Error as error:
                fields, problem = [], _explained(error)
            except StopIteration:
                return
            given, problem = lines.take_lines(), lines.take_problem() or problem
            if fields or problem:
                yield Record(first, fields, problem, given)

    def _check_lines(self, record: Record, width: int) -> None:
        """Check that the lines of a record are no rows of their own.

        Raises:
            DataError: each of them has the right number of fields.
        """
        if all(len(line.rstrip("\r\n").split(self.dialect.delimiter)) == width for line in record.lines):
            last = record.line + len(record.lines) - 1
            raise DataError(
                f"{self.file.name}:{record.line}: a quote makes one row of lines {record.line} to {last}, each of "
                "which could be a row: set data.quoting to none if they are, or to standard"
            )


class _Lines:
    """Decodes and counts lines; a line that is not UTF-8 is passed on, and its error is kept."""

    def __init__(self, stream: BufferedReader) -> None:
        self.count = 0
        self._stream = stream
        self._problem: str | None = None
        self._taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = next(self._stream)
        self.count += 1
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            self._problem = not_utf8(error)
            line = raw.decode("utf-8", errors="replace")
        self._taken.append(line)
        return line

    def take_problem(self) -> str | None:
        problem, self._problem = self._problem, None
        self._taken = []
        return problem

    def take_lines(self) -> list[str]:
        return self._taken


def _explained(error: csv.Error) -> str:
    said = str(error)
    found = next((meaning for part, meaning in EXPLAINED.items() if part in said), said)
    return found + NOT_QUOTING if found in OF_QUOTES else found

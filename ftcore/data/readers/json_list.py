"""JSON: one list of objects, read value by value, so that the list is never in memory as a whole."""

import codecs
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from ftcore.data.readers.base import Row, columns_of_rows
from ftcore.data.readers.json_lines import json_kind
from ftcore.data.readers.text_file import not_utf8, text_file
from ftcore.errors import DataError

BLOCK = 1 << 20
SPACE = " \t\r\n"


@dataclass(frozen=True)
class JsonListReader:
    """Reads a JSON list of objects.

    Attributes:
        path: the file.
        name: what errors call it.
    """

    path: Path
    name: str

    def columns(self) -> list[str]:
        """Return the columns of the first rows."""
        return columns_of_rows(self.name, self.rows([]))

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row, every column."""
        with text_file(self.path, self.name) as stream:
            try:
                yield from self._rows(_Text(stream))
            except UnicodeDecodeError as error:
                raise DataError(f"{self.name}: {not_utf8(error)}") from error

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.path]

    def _rows(self, text: "_Text") -> Iterator[Row]:
        if text.next() != "[":
            raise DataError(f"{self.name}: is no list of JSON objects (JSON lines are read from a .jsonl file)")
        text.skip()
        number, mark = 0, text.next()
        while mark != "]":
            number += 1
            values = self._value(text, number)
            problem = None if isinstance(values, dict) else f"a row is a JSON object, not {json_kind(values)}"
            yield Row(number, None, values if isinstance(values, dict) else {}, problem)
            mark = text.next()
            if mark == ",":
                text.skip()
            elif mark != "]":
                raise DataError(f"{self.name}: after row {number}: {_instead(mark)} where ',' or ']' must be")
        text.skip()
        if text.next():
            raise DataError(f"{self.name}: there is more after the list's end")

    def _value(self, text: "_Text", number: int) -> object:
        try:
            return text.value()
        except json.JSONDecodeError as error:
            raise DataError(f"{self.name}: row {number}: invalid JSON: {error.msg}") from error
        except (ValueError, RecursionError) as error:
            if isinstance(error, UnicodeDecodeError):
                raise
            raise DataError(f"{self.name}: row {number}: invalid JSON: {error}") from error


def _instead(mark: str) -> str:
    return repr(mark) if mark else "the file ends"


class _Text:
    """The text of a file from one place on, read as far as is needed."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder()
        self._text, self._at, self._ended = "", 0, False

    def next(self) -> str:
        """Return the next character that is no space, or "" at the end; it is not passed."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in SPACE:
                    return self._text[self._at]
                self._at += 1
            if self._ended:
                return ""
            self._read()

    def skip(self) -> None:
        """Pass one character."""
        self._at += 1

    def value(self) -> object:
        """Return the next JSON value and pass it."""
        self.next()
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if self._ended:
                    raise
            else:
                # a number that touches the end of what was read may go on
                if end < len(self._text) or self._ended:
                    self._at = end
                    return value
            self._read()

    def _read(self) -> None:
        pending = self._text[self._at :]
        # as much again as is pending: a long value is tried a few times, not once a block
        raw = self._stream.read(max(BLOCK, len(pending)))
        self._ended = not raw
        self._text, self._at = pending + self._decoder.decode(raw, final=self._ended), 0

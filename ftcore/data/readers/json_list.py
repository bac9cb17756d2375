"""Reads a JSON list of objects value by value, without holding the whole list in memory."""

import codecs
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from ftcore.data.readers.base import Row, columns_of_rows
from ftcore.data.readers.json_values import JsonObjects, object_of
from ftcore.data.readers.text_file import TextFile, not_utf8
from ftcore.errors import DataError

BLOCK = 1 << 20
SPACE = " \t\r\n"


@dataclass(frozen=True)
class JsonListReader:
    """Reads a JSON list of objects.

    Attributes:
        file: the file.
    """

    file: TextFile

    def columns(self) -> list[str]:
        """Return the columns of the first rows."""
        return columns_of_rows(self.file.name, self.rows([]))

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row, every column."""
        with self.file.open() as stream:
            try:
                yield from self._rows(_Text(stream))
            except UnicodeDecodeError as error:
                raise DataError(f"{self.file.name}: {not_utf8(error)}") from error

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.file.path]

    def _rows(self, text: "_Text") -> Iterator[Row]:
        if text.next() != "[":
            raise DataError(f"{self.file.name}: is not a list of JSON objects (name a file of JSON lines .jsonl)")
        text.skip()
        number, mark = 0, text.next()
        while mark != "]":
            number += 1
            yield object_of(number, None, self._value(text, number), text.objects)
            mark = text.next()
            if mark == ",":
                text.skip()
            elif mark != "]":
                raise DataError(f"{self.file.name}: after row {number}: {_instead(mark)} instead of ',' or ']'")
        text.skip()
        if text.next():
            raise DataError(f"{self.file.name}: there is more text after the end of the list")

    def _value(self, text: "_Text", number: int) -> object:
        try:
            return text.value()
        except json.JSONDecodeError as error:
            raise DataError(f"{self.file.name}: row {number}: invalid JSON: {error.msg}") from error
        except (ValueError, RecursionError) as error:
            if isinstance(error, UnicodeDecodeError):
                raise
            raise DataError(f"{self.file.name}: row {number}: invalid JSON: {error}") from error


def _instead(mark: str) -> str:
    return repr(mark) if mark else "the file ends"


class _Text:
    """The text of a file from the current position, read only as far as needed."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.objects = JsonObjects()
        self._text, self._at, self._ended = "", 0, False

    def next(self) -> str:
        """Return the next character that is not a space, or "" at the end, without consuming it."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in SPACE:
                    return self._text[self._at]
                self._at += 1
            if self._ended:
                return ""
            self._read()

    def skip(self) -> None:
        """Consume one character."""
        self._at += 1

    def value(self) -> object:
        """Return the next JSON value and consume it."""
        self.next()
        while True:
            try:
                value, end = self.objects.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if self._ended:
                    raise
            else:
                # a number at the end of the text read so far may continue
                if end < len(self._text) or self._ended:
                    self._at = end
                    return value
            self._read()

    def _read(self) -> None:
        pending = self._text[self._at :]
        # read at least as much as is pending, so that a long value is parsed only a few times
        raw = self._stream.read(max(BLOCK, len(pending)))
        self._ended = not raw
        self._text, self._at = pending + self._decoder.decode(raw, final=self._ended), 0

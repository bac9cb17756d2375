"""Reads JSON lines, with one object per line."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from ftcore.data.readers.base import Row, columns_of_rows
from ftcore.data.readers.json_values import JsonObjects, object_of
from ftcore.data.readers.text_file import TextFile, not_utf8


@dataclass(frozen=True)
class JsonLinesReader:
    """Reads JSON lines; blank lines are skipped.

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
            yield from lines_of(stream)

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.file.path]


def lines_of(stream: BufferedReader) -> Iterator[Row]:
    """Read the rows of an open file."""
    number, objects = 0, JsonObjects()
    for line, raw in enumerate(stream, start=1):
        if not raw.isspace():
            number += 1
            yield _row(number, line, raw, objects)


def _row(number: int, line: int, raw: bytes, objects: JsonObjects) -> Row:
    try:
        values = objects.decode(raw.rstrip().decode("utf-8"))
    except UnicodeDecodeError as error:
        return Row(number, line, {}, not_utf8(error))
    except json.JSONDecodeError as error:
        return Row(number, line, {}, f"invalid JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError) as error:
        return Row(number, line, {}, f"invalid JSON: {error}")
    return object_of(number, line, values, objects)

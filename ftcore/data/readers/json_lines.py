"""Reads JSON lines, with one object per line."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftcore.data.readers.base import Row, columns_of_rows
from ftcore.data.readers.text_file import not_utf8, text_file


@dataclass(frozen=True)
class JsonLinesReader:
    """Reads JSON lines; blank lines are skipped.

    Attributes:
        path: the file.
        name: its name in errors.
    """

    path: Path
    name: str

    def columns(self) -> list[str]:
        """Return the columns of the first rows."""
        return columns_of_rows(self.name, self.rows([]))

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row, every column."""
        with text_file(self.path, self.name) as stream:
            number = 0
            for line, raw in enumerate(stream, start=1):
                if not raw.isspace():
                    number += 1
                    yield _row(number, line, raw)

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.path]


def _row(number: int, line: int, raw: bytes) -> Row:
    try:
        values = json.loads(raw.rstrip().decode("utf-8"))
    except UnicodeDecodeError as error:
        return Row(number, line, {}, not_utf8(error))
    except json.JSONDecodeError as error:
        return Row(number, line, {}, f"invalid JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError) as error:
        return Row(number, line, {}, f"invalid JSON: {error}")
    if not isinstance(values, dict):
        return Row(number, line, {}, f"a row must be a JSON object, not {json_kind(values)}")
    return Row(number, line, values)


def json_kind(value: object) -> str:
    """Return the JSON name of a value that is not an object."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list):
        return "a list"
    return "a string" if isinstance(value, str) else "a number"

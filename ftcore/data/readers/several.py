"""Reads several files as one, in their order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ftcore.data.readers.base import Reader, Row
from ftcore.errors import DataError
from ftcore.helpers import listed


class Part(NamedTuple):
    """One of several files.

    Attributes:
        name: the file, as the user wrote it or as a pattern found it.
        reader: reads its columns and rows.
    """

    name: str
    reader: Reader


@dataclass(frozen=True)
class SeveralReader:
    """Reads files one after the other; rows are numbered through, and each names its file.

    Attributes:
        parts: the files.
    """

    parts: Sequence[Part]

    def columns(self) -> list[str]:
        """Return the columns of all files, each once."""
        return list(dict.fromkeys(column for part in self.parts for column in part.reader.columns()))

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row.

        Raises:
            DataError: a file lacks one of the columns.
        """
        for part in self.parts:
            self._check(part, columns)
        number = 0
        for part in self.parts:
            for row in part.reader.rows(columns):
                number += 1
                yield row._replace(number=number, file=part.name)

    def files(self) -> list[Path]:
        """Return every file."""
        return [path for part in self.parts for path in part.reader.files()]

    def _check(self, part: Part, columns: Sequence[str]) -> None:
        found = part.reader.columns()
        for column in columns:
            if column not in found:
                having = next(other.name for other in self.parts if column in other.reader.columns())
                raise DataError(
                    f"{part.name}: there is no column {column!r}, which {having} has; its columns are {listed(found)}"
                )

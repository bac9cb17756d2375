"""Reads Parquet files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftcore.data.readers.base import Row, check_distinct
from ftcore.data.readers.record_batches import CHUNK, arrow_errors, rows_of


@dataclass(frozen=True)
class ParquetReader:
    """Reads a Parquet file.

    Attributes:
        path: the file.
        name: its name in errors.
    """

    path: Path
    name: str

    def columns(self) -> list[str]:
        """Return the schema's columns."""
        from pyarrow.parquet import read_schema

        with arrow_errors(self.name, "Parquet"):
            names: list[str] = read_schema(self.path).names
        check_distinct(self.name, names)
        return names

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row, only the given columns."""
        from pyarrow.parquet import ParquetFile

        with arrow_errors(self.name, "Parquet"), ParquetFile(self.path) as file:
            wanted = [name for name in columns if name in file.schema_arrow.names]
            yield from rows_of(file.iter_batches(batch_size=CHUNK, columns=wanted), wanted)

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.path]

"""Reads Arrow files in the IPC file format, and in the IPC stream format that `datasets` writes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ftcore.data.readers.base import Row, check_distinct
from ftcore.data.readers.record_batches import arrow_errors, rows_of

if TYPE_CHECKING:
    import pyarrow

FILE_MAGIC = b"ARROW1"


@dataclass(frozen=True)
class ArrowReader:
    """Reads an Arrow file of either format.

    Attributes:
        path: the file.
        name: its name in errors.
    """

    path: Path
    name: str

    def columns(self) -> list[str]:
        """Return the schema's columns."""
        with self._batches() as (names, _):
            check_distinct(self.name, names)
            return names

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row, only the given columns."""
        with self._batches() as (_, batches):
            yield from rows_of(batches, columns)

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.path]

    @contextmanager
    def _batches(self) -> "Iterator[tuple[list[str], Iterator[pyarrow.RecordBatch]]]":
        import pyarrow

        with arrow_errors(self.name, "Arrow"), pyarrow.memory_map(str(self.path)) as stream:
            if stream.read(len(FILE_MAGIC)) == FILE_MAGIC:
                file = pyarrow.ipc.open_file(stream)
                yield file.schema.names, (file.get_batch(index) for index in range(file.num_record_batches))
            else:
                stream.seek(0)
                reader = pyarrow.ipc.open_stream(stream)
                yield reader.schema.names, reader

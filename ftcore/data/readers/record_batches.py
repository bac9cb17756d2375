"""Reads rows from Arrow's record batches, for Parquet, Arrow and saved datasets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ftcore.data.readers.base import Row
from ftcore.errors import DataError

if TYPE_CHECKING:
    import pyarrow

CHUNK = 2048
"""Number of rows that are converted to Python objects at once."""


@contextmanager
def arrow_errors(name: str, kind: str) -> Iterator[None]:
    """Convert pyarrow's errors about a file to a DataError of one line."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise DataError(f"{name}: cannot be read as {kind}; is it complete? {reason}") from error


def rows_of(batches: "Iterable[pyarrow.RecordBatch]", columns: Sequence[str]) -> Iterator[Row]:
    """Read the rows of record batches, only the given columns."""
    number = 0
    for batch in batches:
        wanted = batch.select([name for name in columns if name in batch.schema.names])
        for start in range(0, batch.num_rows, CHUNK):
            for values, problem in _values(wanted.slice(start, CHUNK)):
                number += 1
                yield Row(number, None, values, problem)


def _values(batch: "pyarrow.RecordBatch") -> Iterator[tuple[Mapping[str, Any], str | None]]:
    try:
        chunk = batch.to_pylist()
    except UnicodeDecodeError:
        # read one row at a time to find the bad one
        for index in range(batch.num_rows):
            yield _value(batch.slice(index, 1))
        return
    for values in chunk:
        yield values, None


def _value(batch: "pyarrow.RecordBatch") -> tuple[Mapping[str, Any], str | None]:
    try:
        return batch.to_pylist()[0], None
    except UnicodeDecodeError as error:
        return {}, f"not UTF-8: byte 0x{error.object[error.start]:02x} in a string"

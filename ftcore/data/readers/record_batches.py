"""Reads rows from Arrow's record batches, for Parquet, Arrow and saved datasets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ftcore.data.readers.base import Row
from ftcore.data.readers.plain_values import plain
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
        typed = [field.name for field in wanted.schema if _is_typed(field.type)]
        for start in range(0, batch.num_rows, CHUNK):
            for values, problem in _values(wanted.slice(start, CHUNK)):
                number += 1
                yield Row(number, None, _plain(values, typed), problem)


def _is_typed(kind: "pyarrow.DataType") -> bool:
    """Return whether values of a type, or values in them, are such as JSON does not have."""
    from pyarrow import types

    if types.is_decimal(kind) or types.is_temporal(kind):
        return True
    if types.is_dictionary(kind):
        return _is_typed(kind.value_type)
    return any(_is_typed(kind.field(place).type) for place in range(kind.num_fields))


def _plain(values: Mapping[str, Any], typed: Sequence[str]) -> Mapping[str, Any]:
    return {**values, **{name: plain(values[name]) for name in typed if name in values}} if typed else values


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

"""Writes vectors of rows to .npy or Parquet files as they arrive; a failed write leaves no file."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import numpy as np

from ftcore.errors import DataError, SpecError
from ftcore.files import replacing
from ftcore.formats import FeaturePooling
from ftcore.helpers import did_you_mean
from ftcore.observer import RowsDone
from ftcore.prediction.features import Features

if TYPE_CHECKING:
    import pyarrow
    from pyarrow.parquet import ParquetWriter

VECTOR, TOKENS, VECTORS = "vector", "tokens", "vectors"
"""The Parquet columns: the vector of a row; or its tokens and their vectors."""
NPY, PARQUET = ".npy", ".parquet"


def check_output(path: Path, pooling: FeaturePooling | None, keep: Sequence[str]) -> None:
    """Check that a file's format can hold the vectors and columns.

    Raises:
        SpecError: the ending is not known, or the format cannot hold tokens or columns.
    """
    ending = path.suffix.lower()
    if ending not in (NPY, PARQUET):
        near = did_you_mean(ending, (NPY, PARQUET))
        raise SpecError(f"{path}: the ending {path.suffix!r} is not known{near}; allowed: {NPY}, {PARQUET}")
    if ending == NPY and pooling == "none":
        raise SpecError(f"{path}: rows have different numbers of tokens, which {NPY} cannot hold: write {PARQUET}")
    if ending == NPY and keep:
        raise SpecError(f"{path}: {NPY} cannot hold the columns {', '.join(keep)}: write {PARQUET}")
    taken = [name for name in keep if name in ((TOKENS, VECTORS) if pooling == "none" else (VECTOR,))]
    if taken:
        raise SpecError(f"keep: {taken[0]!r} is also a column of the output: rename that of the data to keep it")


def write_vectors(features: Iterable[Features], path: Path, keep: Sequence[str], progress: RowsDone) -> None:
    """Write vectors as they arrive; see `check_output`."""
    with replacing(path) as partial, _writer(path.suffix.lower(), partial, keep) as writer:
        for part in features:
            writer.write(part)
            progress(len(part.rows))


class _Writer(Protocol):
    def write(self, part: Features) -> None: ...


@contextmanager
def _writer(ending: str, path: Path, keep: Sequence[str]) -> Iterator[_Writer]:
    if ending == NPY:
        with path.open("wb") as stream:
            numbers = _Npy(stream)
            yield numbers
            numbers.finish()
    else:
        with _Parquet(path, keep) as table:
            yield table


class _Npy:
    """An array [rows, hidden], whose header is rewritten once the number of rows is known."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._rows = 0
        self._size = 0

    def write(self, part: Features) -> None:
        vectors = np.ascontiguousarray(part.vectors, np.float32)
        if not self._rows:
            self._size = vectors.shape[1]
            self._header()
        self._stream.write(vectors.tobytes())
        self._rows += len(vectors)

    def finish(self) -> None:
        # NumPy leaves room in a header for the first axis to grow, so the data does not move.
        self._stream.seek(0)
        self._header()

    def _header(self) -> None:
        shape = (self._rows, self._size)
        kind = np.lib.format.dtype_to_descr(np.dtype(np.float32))
        np.lib.format.write_array_header_1_0(self._stream, {"descr": kind, "fortran_order": False, "shape": shape})


class _Parquet:
    """A table with the kept columns and the vectors; each part becomes a row group."""

    def __init__(self, path: Path, keep: Sequence[str]) -> None:
        self._path = path
        self._keep = keep
        self._writer: ParquetWriter | None = None

    def __enter__(self) -> "_Parquet":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, part: Features) -> None:
        import pyarrow
        from pyarrow.parquet import ParquetWriter

        kept = {name: self._kept(name, [row.values.get(name) for row in part.rows]) for name in self._keep}
        table = pyarrow.table({**kept, **_columns(part)})
        if self._writer is None:
            # The numbers hardly repeat: dictionary encoding would cost time and save nothing.
            self._writer = ParquetWriter(self._path, table.schema, use_dictionary=False)
        self._writer.write_table(table)

    def _kept(self, name: str, values: list[object]) -> "pyarrow.Array":
        """Return a column with its type in the first part; text if the first part had no value."""
        import pyarrow

        try:
            if self._writer is not None:
                return pyarrow.array(values, self._writer.schema.field(name).type)
            found = pyarrow.array(values)
            return found.cast(pyarrow.string()) if pyarrow.types.is_null(found.type) else found
        except (pyarrow.ArrowException, OverflowError) as error:
            reason = str(error).splitlines()[0]
            raise DataError(f"keep: the values of {name!r} are not of one type: {reason}") from error


def _columns(part: Features) -> dict[str, Any]:
    import pyarrow

    if part.tokens is None:
        return {VECTOR: _fixed(np.asarray(part.vectors, np.float32))}
    ends = np.cumsum([0, *(len(vectors) for vectors in part.vectors)], dtype=np.int32)
    of_tokens = _fixed(np.concatenate(part.vectors).astype(np.float32, copy=False))
    tokens = pyarrow.array(part.tokens, pyarrow.list_(pyarrow.string()))
    return {TOKENS: tokens, VECTORS: pyarrow.ListArray.from_arrays(ends, of_tokens)}


def _fixed(vectors: np.ndarray) -> "pyarrow.Array":
    """Return float32 [count, size] as fixed-size lists."""
    import pyarrow

    return pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(vectors.ravel()), vectors.shape[1])

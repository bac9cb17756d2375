"""Reads files that are compressed with gzip, bzip2 or Zstandard."""

from io import RawIOBase
from pathlib import Path
from typing import Any

from ftcore.errors import DataError

COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
"""The compressions by the ending of a file's name, by the names that pyarrow has for them."""
MAGIC = {
    b"\x1f\x8b": "compressed with gzip: let its name end with .gz",
    b"BZh": "compressed with bzip2: let its name end with .bz2",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard: let its name end with .zst",
    b"PK\x03\x04": "a zip archive or an Excel file: unpack it, or let its name end with .xlsx",
    b"SQLite format 3": "an SQLite database: let its name end with .sqlite",
}
"""What a file is that begins so."""


def compression_of(path: Path) -> str | None:
    """Return the compression that a file's name tells, or None."""
    return COMPRESSIONS.get(path.suffix.lower())


def inner_suffix(path: Path) -> str:
    """Return the ending of a file's name in lower case, without that of its compression."""
    name = path.with_suffix("") if compression_of(path) else path
    return name.suffix.lower()


def decompressed(path: Path, name: str, compression: str) -> RawIOBase:
    """Open the content of a compressed file.

    Args:
        path: the file.
        name: its name in errors.
        compression: a value of `COMPRESSIONS`.
    """
    return _Decompressed(path, name, compression)


def named_otherwise(start: bytes) -> str | None:
    """Return what a file is that begins like a compressed file or a database, and how to name it; None for others."""
    return next((said for magic, said in MAGIC.items() if start.startswith(magic)), None)


class _Decompressed(RawIOBase):
    """A stream whose errors of decompression are a DataError."""

    def __init__(self, path: Path, name: str, compression: str) -> None:
        import pyarrow

        self._said = f"{name}: cannot be read as {compression}; is it complete?"
        self._errors = (pyarrow.ArrowException, OSError)
        self._stream = pyarrow.input_stream(str(path), compression=compression)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer and return the number of bytes; 0 at the end."""
        try:
            raw = self._stream.read(len(buffer))
        except self._errors as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise DataError(f"{self._said} {reason}") from error
        buffer[: len(raw)] = raw
        return len(raw)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()

"""Opens text files as bytes and checks that they are UTF-8 text."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path

from ftcore.errors import DataError

PROBED_BYTES = 8192


@contextmanager
def text_file(path: Path, name: str) -> Iterator[BufferedReader]:
    """Open a text file as bytes, after its byte-order mark.

    Raises:
        DataError: the file cannot be read, is empty, or is not UTF-8 text.
    """
    try:
        buffered: BufferedReader = BufferedReader(FileIO(path), buffer_size=1 << 20)
        with buffered as stream:
            _check_text(stream.peek(PROBED_BYTES)[:PROBED_BYTES], name)
            if stream.peek(3).startswith(codecs.BOM_UTF8):
                stream.read(3)
            yield stream
    except OSError as error:
        raise DataError(f"{name}: cannot be read: {error.strerror}") from error


def _check_text(start: bytes, name: str) -> None:
    if not start:
        raise DataError(f"{name}: is empty")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DataError(f"{name}: is UTF-16: save it as UTF-8")
    if b"\0" in start:
        raise DataError(f"{name}: is not a text file: there is a NUL byte at byte {start.index(0)}")


def not_utf8(error: UnicodeDecodeError) -> str:
    """Return the error text for a line that cannot be decoded."""
    return f"not UTF-8: byte 0x{error.object[error.start]:02x} at byte {error.start + 1}; save the file as UTF-8"

"""Opens text files, decompressed and as UTF-8 bytes, whatever their compression and encoding."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, FileIO, RawIOBase
from pathlib import Path
from typing import Any

from ftcore.data.readers.compression import compression_of, decompressed, named_otherwise
from ftcore.errors import DataError

PROBED_BYTES = 8192
BUFFER = 1 << 20
AUTO = "auto"
"""The encoding by the byte-order mark: UTF-16 or UTF-32 where the file begins with theirs, else UTF-8."""
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte-order marks with their encodings; that of UTF-32-LE begins as that of UTF-16-LE."""
ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b$)C", b"\x1b$)A")
"""Beginnings of texts in encodings of ISO 2022, whose bytes are all ASCII."""
REMEDY = "set data.encoding, such as cp1252 or latin-1"


@dataclass(frozen=True)
class TextFile:
    """A text file.

    Attributes:
        path: the file; compressed if its name ends so.
        name: its name in errors.
        encoding: "auto", or a codec of Python.
    """

    path: Path
    name: str
    encoding: str = AUTO

    @contextmanager
    def open(self) -> Iterator[BufferedReader]:
        """Open the text as UTF-8 bytes, after its byte-order mark.

        Raises:
            DataError: the file cannot be read, is empty, or is not text of the encoding.
        """
        try:
            with _buffered(self._raw()) as given:
                found = self._found(given)
                with given if found == "utf-8" else _buffered(_Transcoded(given, found, self.name)) as stream:
                    self._check_text(stream.peek(PROBED_BYTES)[:PROBED_BYTES])
                    if stream.peek(3).startswith(codecs.BOM_UTF8):
                        stream.read(3)
                    yield _buffered(_WithLineFeeds(stream)) if _has_returns(stream) else stream
        except OSError as error:
            raise DataError(f"{self.name}: cannot be read: {error.strerror or error}") from error

    def notes(self) -> list[str]:
        """Return how the encoding and the ends of lines were decided, if they are not the usual ones."""
        with _buffered(self._raw()) as given:
            found = self._found(given)
        with self.open() as stream:
            returns = isinstance(stream.raw, _WithLineFeeds)
        return [
            *([f"{self.name}: read as {found.upper()}, by its byte-order mark"] if self._is_marked(found) else []),
            *([f"{self.name}: its lines end with carriage returns"] if returns else []),
        ]

    def _is_marked(self, found: str) -> bool:
        return self.encoding == AUTO and found != "utf-8"

    def _raw(self) -> RawIOBase:
        compression = compression_of(self.path)
        return FileIO(self.path) if compression is None else decompressed(self.path, self.name, compression)

    def _found(self, stream: BufferedReader) -> str:
        """Return the encoding; "utf-8" also for its aliases."""
        if self.encoding != AUTO:
            return "utf-8" if codecs.lookup(self.encoding).name in ("utf-8", "utf-8-sig") else self.encoding
        start = stream.peek(PROBED_BYTES)
        return next((encoding for mark, encoding in MARKS if start.startswith(mark)), "utf-8")

    def _check_text(self, start: bytes) -> None:
        if not start:
            raise DataError(f"{self.name}: is empty")
        if said := named_otherwise(start):
            raise DataError(f"{self.name}: is {said}")
        if self.encoding == AUTO and any(escape in start for escape in ESCAPES):
            raise DataError(
                f"{self.name}: has escape sequences of ISO 2022: set data.encoding, to iso2022_jp or another one; or "
                "to utf-8 if they belong to the texts"
            )
        if b"\0" in start:
            raise DataError(
                f"{self.name}: is not a text file: there is a NUL byte at byte {start.index(0)} (for UTF-16 without a "
                "byte-order mark, set data.encoding: utf-16-le)"
            )


def _buffered(raw: Any) -> BufferedReader:
    return BufferedReader(raw, buffer_size=BUFFER)


class _Transcoded(RawIOBase):
    """The text of a stream as UTF-8 bytes."""

    def __init__(self, given: BufferedReader, encoding: str, name: str) -> None:
        self._given = given
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._said = f"{name}: is not {encoding.upper()}"
        self._pending, self._read, self._ended = b"", 0, False

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with text in UTF-8, and return its size; 0 at the end."""
        while not self._pending and not self._ended:
            raw = self._given.read1(BUFFER)
            self._ended = not raw
            self._pending = self._decoded(raw).encode("utf-8", "surrogatepass")
            self._read += len(raw)
        size = min(len(buffer), len(self._pending))
        buffer[:size], self._pending = self._pending[:size], self._pending[size:]
        return size

    def _decoded(self, raw: bytes) -> str:
        kept = len(self._decoder.getstate()[0])
        try:
            return self._decoder.decode(raw, final=self._ended)
        except UnicodeError as error:
            place = f": byte {self._read - kept + error.start + 1}" if isinstance(error, UnicodeDecodeError) else ""
            raise DataError(f"{self._said}{place}; {REMEDY}, or save the file as UTF-8") from error


def _has_returns(stream: BufferedReader) -> bool:
    """Return whether the lines at the start of a text end with carriage returns alone."""
    start = stream.peek(BUFFER)
    return b"\r" in start[:-1] and b"\n" not in start


class _WithLineFeeds(RawIOBase):
    """A text with a line feed for each carriage return."""

    def __init__(self, given: BufferedReader) -> None:
        self._given = given

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with text and return its size; 0 at the end."""
        raw = self._given.read1(len(buffer))
        buffer[: len(raw)] = raw.replace(b"\r", b"\n")
        return len(raw)


def not_utf8(error: UnicodeDecodeError) -> str:
    """Return the error text for a line that cannot be decoded."""
    return (
        f"not UTF-8: byte 0x{error.object[error.start]:02x} at byte {error.start + 1}; save the file as UTF-8, "
        f"or {REMEDY}"
    )

"""Sources of rows that pass by once: standard input, and rows that a program gives."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ftcore.data.formats import StreamFormat
from ftcore.data.readers.base import Row
from ftcore.data.readers.one_pass import OnePassReader
from ftcore.data.sources import READERS, Source, open_source
from ftcore.errors import FtcoreError

STANDARD_INPUT = "-"
"""What a user calls it."""
NAME = "standard input"
DEVICE = Path("/dev/stdin")


def open_rows(location: str, base: Path, stream_format: StreamFormat) -> Source:
    """Return the data that a user names: "-" for standard input in this format, else as `open_source`."""
    if location != STANDARD_INPUT:
        return open_source(location, base)
    return Source(NAME, stream_format, OnePassReader(READERS[f".{stream_format}"](DEVICE, NAME).rows([]), NAME))


def given_rows(rows: Iterable[Mapping[str, object]]) -> Source:
    """Return rows that a program gives, as mappings from the names of columns."""
    numbered = (Row(number, None, values) for number, values in enumerate(rows, start=1))
    return Source("rows", "rows", OnePassReader(numbered, "rows"))


@contextmanager
def stored_file(location: str, stream_format: StreamFormat) -> Iterator[str]:
    """Give the data's path; standard input becomes a file first, for it is read more than once."""
    if location != STANDARD_INPUT:
        yield location
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"standard-input.{stream_format}"
        with DEVICE.open("rb") as given, path.open("wb") as file:
            shutil.copyfileobj(given, file)
        try:
            yield str(path)
        except FtcoreError as error:
            raise type(error)(str(error).replace(str(path), NAME)) from error

"""Opens sources whose rows can be read only once: standard input, and rows given by a program."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ftcore.data.readers import OnePassReader, Row, stream_reader
from ftcore.data.sources import PLAIN, Source, open_source
from ftcore.data.table_format import TableFormat
from ftcore.errors import FtcoreError
from ftcore.formats import StreamFormat

STANDARD_INPUT = "-"
"""The user's name for standard input."""
NAME = "standard input"
DEVICE = Path("/dev/stdin")


def open_rows(location: str, base: Path, stream_format: StreamFormat, given: TableFormat = PLAIN) -> Source:
    """Return the data that a user names: standard input in this format for "-", else as `open_source`."""
    if location != STANDARD_INPUT:
        return open_source(location, base, given)
    return Source(NAME, stream_format, OnePassReader(stream_reader(DEVICE, NAME, stream_format, given).rows([]), NAME))


def given_rows(rows: Iterable[Mapping[str, object]]) -> Source:
    """Return a source of rows given by a program as mappings from column names to values."""
    numbered = (Row(number, None, values) for number, values in enumerate(rows, start=1))
    return Source("rows", "rows", OnePassReader(numbered, "rows"))


@contextmanager
def stored_file(location: str, stream_format: StreamFormat) -> Iterator[str]:
    """Yield the data's path; standard input is copied to a temporary file first, so that it can be read again."""
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

"""Finds the reader for the data that a spec names."""

import hashlib
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ftcore.data.readers.arrow import ArrowReader
from ftcore.data.readers.base import Reader, Row
from ftcore.data.readers.conll import ConllReader
from ftcore.data.readers.datasets_table import HubName, HubReader, SavedReader
from ftcore.data.readers.delimited import DelimitedReader
from ftcore.data.readers.json_lines import JsonLinesReader
from ftcore.data.readers.json_list import JsonListReader
from ftcore.data.readers.parquet import ParquetReader
from ftcore.errors import DataError
from ftcore.files import sha256
from ftcore.helpers import did_you_mean

READERS: dict[str, Callable[[Path, str], Reader]] = {
    ".csv": partial(DelimitedReader, delimiter=","),
    ".tsv": partial(DelimitedReader, delimiter="\t"),
    ".jsonl": JsonLinesReader,
    ".json": JsonListReader,
    ".parquet": ParquetReader,
    ".arrow": ArrowReader,
    ".conll": ConllReader,
}
"""The reader for each file name ending."""

SAVED_MARKS = ("state.json", "dataset_dict.json")
"""Files by which a folder saved by `datasets` is recognised."""
HUB_NAME = re.compile(r"([\w-][\w.-]*(?:/[\w-][\w.-]*)?)(?:/([\w-][\w.-]*))?(?::(\w+))?")
FILE_ENDING = re.compile(r"\.[A-Za-z]\w{0,7}$")
"""Tells a missing file from a name on the hub."""


@dataclass(frozen=True)
class Source:
    """Data that exists and can be read.

    Attributes:
        name: the data, as the user wrote it.
        kind: the file's ending, "saved" or "hub".
        reader: reads its columns and rows.
    """

    name: str
    kind: str
    reader: Reader

    def sha256(self) -> str:
        """Return the SHA-256 of a file's content; for several files, the SHA-256 of the list of theirs."""
        try:
            digests = [sha256(path) for path in self.reader.files()]
        except OSError as error:
            raise DataError(f"{self.name}: cannot be read: {error.strerror}") from error
        return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def open_source(location: str, base: Path) -> Source:
    """Return the data that a spec names.

    Args:
        location: a file, a folder saved by `datasets`, or a hub name: NAME, NAME:SPLIT or NAME/CONFIGURATION:SPLIT.
        base: the folder that relative paths start from.

    Raises:
        DataError: it does not exist, or is of a kind that cannot be read.
    """
    path = base / Path(location).expanduser()
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return _hub(location, path)
    except (OSError, ValueError) as error:
        raise DataError(f"{location}: cannot be read: {getattr(error, 'strerror', error)}") from error
    if stat.S_ISDIR(mode):
        return _saved(location, path)
    if not stat.S_ISREG(mode):
        raise DataError(f"{location}: is neither a file nor a folder")
    return _file(location, path)


def rows(location: str, base: Path) -> Iterator[Row]:
    """Read the rows of the data that a spec names, with every column; see `open_source`."""
    reader = open_source(location, base).reader
    return reader.rows(reader.columns())


def _file(location: str, path: Path) -> Source:
    kind = path.suffix.lower()
    if kind not in READERS:
        raise DataError(
            f"{location}: the ending {path.suffix!r} is not known{did_you_mean(kind, READERS)}; "
            f"allowed: {', '.join(READERS)}"
        )
    if path.stat().st_size == 0:
        raise DataError(f"{location}: is empty")
    return Source(location, kind, READERS[kind](path, location))


def _saved(location: str, path: Path) -> Source:
    if not any((path / mark).is_file() for mark in SAVED_MARKS):
        raise DataError(f"{location}: is a folder, and not one that `datasets` saved: give a file in it")
    return Source(location, "saved", SavedReader(path, location))


def _hub(location: str, path: Path) -> Source:
    named = HUB_NAME.fullmatch(location)
    if named is None or FILE_ENDING.search(location):
        there = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(f"{location}: there is no such file{did_you_mean(path.name, there)}; looked for {path}")
    wanted = HubName(named[1], named[2], named[3])
    return Source(location, "hub", HubReader(wanted, location, path))

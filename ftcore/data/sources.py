"""Finds the reader for the data that a spec names."""

import glob
import hashlib
import re
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from ftcore.data.readers import (
    BINARY,
    COMPRESSIONS,
    TEXT,
    FilteredReader,
    HubName,
    HubReader,
    Part,
    Reader,
    Row,
    SavedReader,
    SeveralReader,
    compression_of,
    inner_suffix,
    with_points,
)
from ftcore.data.table_format import Condition, TableFormat
from ftcore.errors import DataError
from ftcore.files import sha256
from ftcore.helpers import did_you_mean

Location = str | Sequence[str]
"""The location of data: a file, a pattern of files, a saved folder or a hub name; or several of them."""
PATTERN = re.compile(r"[*?\[]")
"""Tells a pattern of files."""
NAMED = 3
"""Most files of a list that a name lists."""
PLAIN = TableFormat()
ALLOWED = f"{', '.join(TEXT)} (also with {', '.join(COMPRESSIONS)}), {', '.join(BINARY)}"
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
        kind: the file's ending, "saved" or "hub"; for several files, their names.
        reader: reads its columns and rows.
        notes: for the user: what was decided by the content.
        decimal: the decimal mark of numbers that are given as text.
    """

    name: str
    kind: str
    reader: Reader
    notes: tuple[str, ...] = ()
    decimal: str = "."

    def rows(self, wanted: Sequence[str], texts: Collection[str]) -> Iterator[Row]:
        """Read the wanted columns row by row; in those that are no texts, numbers have a decimal point."""
        found = self.reader.rows(wanted)
        return found if self.decimal == "." else with_points(found, set(wanted) - set(texts))

    def told(self, notify: Callable[[str], None]) -> Self:
        """Tell the user what was decided, and return the source."""
        for note in self.notes:
            notify(note)
        return self

    def sha256(self) -> str:
        """Return the SHA-256 of a file's content; for several files, the SHA-256 of the list of theirs."""
        try:
            digests = [sha256(path) for path in self.reader.files()]
        except OSError as error:
            raise DataError(f"{self.name}: cannot be read: {error.strerror}") from error
        return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def name_of(location: Location) -> str:
    """Return the name of data in messages."""
    if isinstance(location, str):
        return location
    more = len(location) - NAMED
    return ", ".join(location[:NAMED]) + (f" and {more} more" if more > 0 else "")


def open_source(location: Location, base: Path, given: TableFormat = PLAIN, where: Sequence[Condition] = ()) -> Source:
    """Return the data that a spec names.

    Args:
        location: a file, a pattern of files, a folder saved by `datasets`, or a hub name (NAME, NAME:SPLIT or
            NAME/CONFIGURATION:SPLIT); or several of them.
        base: the folder that relative paths start from.
        given: how its rows are read.
        where: conditions that its rows must meet.

    Raises:
        DataError: it does not exist, is of a kind that cannot be read, or can be read in several ways.
    """
    found = _one(location, base, given) if isinstance(location, str) else _several(location, base, given)
    source = replace(found, decimal=given.decimal)
    if not where:
        return source
    reader = FilteredReader(source.reader, source.name, where)
    return replace(
        source, reader=reader, notes=(*source.notes, f"{source.name}: only rows with {reader.told()} are read")
    )


def rows(location: str, base: Path, given: TableFormat = PLAIN) -> Iterator[Row]:
    """Read the rows of the data that a spec names, with every column; see `open_source`."""
    reader = open_source(location, base, given).reader
    return reader.rows(reader.columns())


def matching(pattern: str, base: Path) -> list[str]:
    """Return the files that a pattern such as train-*.csv matches, sorted; [] if it is no pattern."""
    if not PATTERN.search(pattern) or "\0" in pattern:
        return []
    found = glob.glob(str(Path(pattern).expanduser()), root_dir=base, recursive=True)
    return sorted(one for one in found if (base / one).is_file())


def _several(locations: Sequence[str], base: Path, given: TableFormat) -> Source:
    sources = [_one(location, base, given) for location in locations]
    parts = [
        part
        for source in sources
        for part in (
            source.reader.parts if isinstance(source.reader, SeveralReader) else [Part(source.name, source.reader)]
        )
    ]
    notes = tuple(note for source in sources for note in source.notes)
    return Source(name_of(locations), " ".join(part.name for part in parts), SeveralReader(parts), notes)


def _one(location: str, base: Path, given: TableFormat) -> Source:
    path = base / Path(location).expanduser()
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return _matching(location, base, given) if PATTERN.search(location) else _hub(location, path)
    except (OSError, ValueError) as error:
        raise DataError(f"{location}: cannot be read: {getattr(error, 'strerror', error)}") from error
    if stat.S_ISDIR(mode):
        return _saved(location, path)
    if not stat.S_ISREG(mode):
        raise DataError(f"{location}: is neither a file nor a folder")
    return _file(location, path, given)


def _matching(pattern: str, base: Path, given: TableFormat) -> Source:
    """Return the files that a pattern matches, sorted by name."""
    found = matching(pattern, base)
    if not found:
        raise DataError(f"{pattern}: no file matches this pattern; looked in {base.resolve()}")
    several = _several(found, base, given)
    listed = f"{pattern}: {len(found)} {'file' if len(found) == 1 else 'files'}: {name_of(found)}"
    return replace(several, name=pattern, notes=(listed, *several.notes))


def _file(location: str, path: Path, given: TableFormat) -> Source:
    kind, compression = inner_suffix(path), compression_of(path)
    known = TEXT if compression else {**TEXT, **BINARY}
    if kind not in known:
        ending = "".join(path.suffixes[-2:]) if compression else path.suffix
        raise DataError(
            f"{location}: the ending {ending!r} is not known{did_you_mean(kind, known)}; allowed: {ALLOWED}"
        )
    if path.stat().st_size == 0:
        raise DataError(f"{location}: is empty")
    opened = known[kind](path, location, given)
    return Source(location, kind, opened.reader, tuple(opened.notes))


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

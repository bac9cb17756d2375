"""Opens a file of rows by its ending, and decides by its content what its ending and the spec leave open."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ftcore.data.readers import delimiters, quoting
from ftcore.data.readers.arrow import ArrowReader
from ftcore.data.readers.base import Reader
from ftcore.data.readers.conll import ConllReader
from ftcore.data.readers.delimited import DelimitedReader, Dialect
from ftcore.data.readers.excel import ExcelReader
from ftcore.data.readers.json_lines import JsonLinesReader
from ftcore.data.readers.json_list import JsonListReader
from ftcore.data.readers.parquet import ParquetReader
from ftcore.data.readers.sqlite import SqliteReader, query_of
from ftcore.data.readers.text_file import PROBED_BYTES, TextFile
from ftcore.data.table_format import TableFormat


class Opened(NamedTuple):
    """A file that can be read.

    Attributes:
        reader: reads its columns and rows.
        notes: for the user: what was decided by the content.
    """

    reader: Reader
    notes: list[str]


Opens = Callable[[Path, str, TableFormat], Opened]
"""Opens a file, given its path, its name in errors, and how it is read."""


def _delimited(path: Path, name: str, given: TableFormat, usual: str) -> Opened:
    file = TextFile(path, name, given.encoding)
    notes = file.notes()
    delimiter = given.delimiter
    if delimiter == delimiters.AUTO:
        delimiter = delimiters.delimiter_of(file, usual)
        notes += delimiters.told(file, delimiter, usual)
    dialect = Dialect(delimiter, given.quoting != "none", given.header)
    if given.quoting == "auto" and not quoting.quoted(file, dialect):
        dialect = dialect._replace(quoted=False)
        notes.append(quoting.told(file))
    return Opened(DelimitedReader(file, dialect), notes)


def _json_lines(path: Path, name: str, given: TableFormat) -> Opened:
    file = TextFile(path, name, given.encoding)
    if _start(file).startswith(b"["):
        return Opened(JsonListReader(file), [*file.notes(), f"{name}: is one JSON list, and is read as one"])
    return Opened(JsonLinesReader(file), file.notes())


def _json_list(path: Path, name: str, given: TableFormat) -> Opened:
    file = TextFile(path, name, given.encoding)
    if _has_rows(_start(file)):
        return Opened(JsonLinesReader(file), [*file.notes(), f"{name}: has one JSON object per line, and is read so"])
    return Opened(JsonListReader(file), file.notes())


def _conll(path: Path, name: str, given: TableFormat) -> Opened:
    file = TextFile(path, name, given.encoding)
    reader = ConllReader(file)
    return Opened(reader, [*file.notes(), *reader.notes()])


def _parquet(path: Path, name: str, given: TableFormat) -> Opened:
    return Opened(ParquetReader(path, name), [])


def _arrow(path: Path, name: str, given: TableFormat) -> Opened:
    return Opened(ArrowReader(path, name), [])


def _excel(path: Path, name: str, given: TableFormat) -> Opened:
    return Opened(ExcelReader(path, name, given.sheet, given.header), [])


def _sqlite(path: Path, name: str, given: TableFormat) -> Opened:
    if given.query is not None:
        return Opened(SqliteReader(path, name, given.query), [])
    query = query_of(path, name)
    return Opened(SqliteReader(path, name, query), [f"{name}: read with data.query: {query}"])


def _start(file: TextFile) -> bytes:
    with file.open() as stream:
        return stream.peek(PROBED_BYTES).lstrip()


def _has_rows(start: bytes) -> bool:
    """Return whether a text begins with an object on one line and another on the next, or is one object of scalars."""
    first, _, rest = start.partition(b"\n")
    try:
        row = json.loads(first)
    except (ValueError, RecursionError):
        return False
    if not isinstance(row, dict):
        return False
    return rest.lstrip().startswith(b"{") or not (
        rest.strip() or any(isinstance(value, dict | list) for value in row.values())
    )


TEXT: Mapping[str, Opens] = {
    ".csv": partial(_delimited, usual=","),
    ".tsv": partial(_delimited, usual="\t"),
    ".jsonl": _json_lines,
    ".json": _json_list,
    ".conll": _conll,
    ".conllu": _conll,
}
"""What opens a text file, by its ending; it may be compressed."""
BINARY: Mapping[str, Opens] = {
    ".parquet": _parquet,
    ".arrow": _arrow,
    ".xlsx": _excel,
    **dict.fromkeys((".sqlite", ".sqlite3", ".db"), _sqlite),
}
"""What opens a file of another format, by its ending."""

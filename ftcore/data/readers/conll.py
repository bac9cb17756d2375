"""Reads CoNLL files: one word per line with its annotations in columns, and blank lines between sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from ftcore.data.readers.base import Row, columns_of_rows
from ftcore.data.readers.text_file import PROBED_BYTES, TextFile, not_utf8

FIRST, LAST = "tokens", "tags"
"""Additional names of the first and the last column, besides their numbers."""
DOCUMENT = "-DOCSTART-"
"""First field of a line that begins a document and is not a word."""


@dataclass(frozen=True)
class ConllReader:
    """Reads a CoNLL file; a row is a sentence, and its values are lists of strings, one per word.

    Columns are named by their numbers, from "1". The first is also called "tokens", and the last, if there are two or
    more, "tags". Fields are separated by tabs if the line has any, else by spaces. In a file with tabs in its first
    lines, a line without tabs that begins with # is a comment.

    Attributes:
        file: the file.
    """

    file: TextFile

    def columns(self) -> list[str]:
        """Return the columns of the first sentences."""
        return columns_of_rows(self.file.name, self.rows([]))

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read sentence by sentence, every column."""
        with self.file.open() as stream:
            sentences = (lines for lines in _blocks(stream) if lines)
            for number, lines in enumerate(sentences, start=1):
                yield _row(number, lines)

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.file.path]


Line = tuple[int, bytes]
"""A line's number and content."""


def _blocks(stream: BufferedReader) -> Iterator[list[Line]]:
    """Yield the lines between blank lines, without comments and lines that begin a document."""
    found: list[Line] = []
    has_tabs = b"\t" in stream.peek(PROBED_BYTES)[:PROBED_BYTES]
    for number, raw in enumerate(stream, start=1):
        if raw.isspace():
            yield found
            found = []
        elif not (raw.startswith(DOCUMENT.encode()) or _is_comment(raw, has_tabs)):
            found.append((number, raw))
    yield found


def _is_comment(raw: bytes, has_tabs: bool) -> bool:
    return has_tabs and raw.startswith(b"#") and b"\t" not in raw


def _row(number: int, lines: list[Line]) -> Row:
    first = lines[0][0]
    words: list[list[str]] = []
    for line, raw in lines:
        try:
            words.append(_fields(raw.decode("utf-8")))
        except UnicodeDecodeError as error:
            return Row(number, first, {}, f"line {line}: {not_utf8(error)}")
        if len(words[-1]) != len(words[0]):
            problem = f"line {line} has {len(words[-1])} columns, but the sentence's first line has {len(words[0])}"
            return Row(number, first, {}, problem)
    columns = [list(column) for column in zip(*words, strict=True)]
    values = {str(place): column for place, column in enumerate(columns, start=1)}
    return Row(number, first, {FIRST: columns[0], **({LAST: columns[-1]} if len(columns) > 1 else {}), **values})


def _fields(text: str) -> list[str]:
    return text.rstrip("\r\n").split("\t") if "\t" in text else text.split()

"""Reads CoNLL files: one word per line with its annotations in columns, and blank lines between sentences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from ftcore.data.readers.base import Row, columns_of_rows
from ftcore.data.readers.text_file import PROBED_BYTES, TextFile, not_utf8

FIRST, LAST = "tokens", "tags"
"""Additional names of the first and the last column, besides their numbers."""
DOCUMENT = re.compile(rb"-DOCSTART-(\s|$)|#(begin|end) document")
"""The begin of a line that begins or ends a document and is not a word; a sentence ends before it."""
UNIVERSAL = ("id", FIRST, "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
"""Additional names of the columns of CoNLL-U."""
WORD, NO_WORD = re.compile(r"\d+"), re.compile(r"\d+[-.]\d+")
"""The id of a word of CoNLL-U, and of a range of words or an empty node, which are no words of the sentence."""


@dataclass(frozen=True)
class ConllReader:
    """Reads a CoNLL file; a row is a sentence, and its values are lists of strings, one per word.

    Columns are named by their numbers, from "1". The first is also called "tokens", and the last, if there are two or
    more, "tags". Fields are separated by tabs if the line has any, else by spaces; a no-break space is part of a word.
    In a file with tabs in its first lines, a line without tabs that begins with # is a comment.

    CoNLL-U, which has ten columns and begins with an id, has its columns' names instead, and its comments may have
    tabs. Ranges (1-2) and empty nodes (1.1) are left out.

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
            start = stream.peek(PROBED_BYTES)[:PROBED_BYTES]
            form = _form(start)
            sentences = (lines for lines in form.blocks(stream) if lines)
            for number, lines in enumerate(sentences, start=1):
                yield form.row(number, lines)

    def notes(self) -> list[str]:
        """Return that a file is read as CoNLL-U, if it is."""
        with self.file.open() as stream:
            form = _form(stream.peek(PROBED_BYTES)[:PROBED_BYTES])
        said = f"{self.file.name}: is read as CoNLL-U: tokens are its forms; ranges and empty nodes are left out"
        return [said] if isinstance(form, _Universal) else []

    def files(self) -> list[Path]:
        """Return the file."""
        return [self.file.path]


Line = tuple[int, bytes]
"""A line's number and content."""


class _Plain:
    """Any columns.

    Args:
        has_tabs: whether the file begins with lines that have tabs.
    """

    def __init__(self, has_tabs: bool) -> None:
        self._has_tabs = has_tabs

    def blocks(self, stream: BufferedReader) -> Iterator[list[Line]]:
        """Yield the lines between blank lines, without comments and lines of documents."""
        found: list[Line] = []
        for number, raw in enumerate(stream, start=1):
            if raw.isspace() or DOCUMENT.match(raw):
                yield found
                found = []
            elif not self.is_comment(raw):
                found.append((number, raw))
        yield found

    def is_comment(self, raw: bytes) -> bool:
        """Return whether a line is a comment."""
        return self._has_tabs and raw.startswith(b"#") and b"\t" not in raw

    def row(self, number: int, lines: list[Line]) -> Row:
        """Return a sentence."""
        words, problem = _words(lines)
        if problem is not None:
            return Row(number, lines[0][0], {}, problem)
        return Row(number, lines[0][0], self.named([list(column) for column in zip(*words, strict=True)]))

    def named(self, columns: list[list[str]]) -> dict[str, list[str]]:
        """Return a sentence's columns by their names."""
        values = {str(place): column for place, column in enumerate(columns, start=1)}
        return {FIRST: columns[0], **({LAST: columns[-1]} if len(columns) > 1 else {}), **values}


class _Universal(_Plain):
    """CoNLL-U."""

    def is_comment(self, raw: bytes) -> bool:
        """Return whether a line is a comment."""
        return raw.startswith(b"#")

    def row(self, number: int, lines: list[Line]) -> Row:
        """Return a sentence, without ranges and empty nodes."""
        kept = [line for line in lines if not NO_WORD.fullmatch(_id(line[1]))]
        wrong = next((place for place, raw in kept if not WORD.fullmatch(_id(raw))), None)
        if wrong is not None or not kept:
            said = "has no word" if wrong is None else f"line {wrong} begins with no id, as the lines of CoNLL-U do"
            return Row(number, lines[0][0], {}, said)
        return super().row(number, kept)

    def named(self, columns: list[list[str]]) -> dict[str, list[str]]:
        """Return a sentence's columns by their names and numbers."""
        numbered = {str(place): column for place, column in enumerate(columns, start=1)}
        return dict(zip(UNIVERSAL, columns, strict=False)) | numbered


def _form(start: bytes) -> _Plain:
    """Return the form of a file with this start: CoNLL-U if its first word has ten columns and an id."""
    lines = [line for line in start.split(b"\n") if line.strip() and not line.startswith(b"#")]
    first = lines[0].rstrip(b"\r").split(b"\t") if lines else []
    is_id = bool(first) and (WORD.fullmatch(_id(lines[0])) or NO_WORD.fullmatch(_id(lines[0]))) is not None
    return _Universal(True) if is_id and len(first) == len(UNIVERSAL) else _Plain(b"\t" in start)


def _id(raw: bytes) -> str:
    return raw.partition(b"\t")[0].decode("utf-8", errors="replace")


def _words(lines: list[Line]) -> tuple[list[list[str]], str | None]:
    """Return the fields of each line, and what is wrong with them, or None."""
    words: list[list[str]] = []
    for line, raw in lines:
        try:
            words.append(_fields(raw.decode("utf-8")))
        except UnicodeDecodeError as error:
            return [], f"line {line}: {not_utf8(error)}"
        if len(words[-1]) != len(words[0]):
            return [], f"line {line} has {len(words[-1])} columns, but the sentence's first line has {len(words[0])}"
    return words, None


def _fields(text: str) -> list[str]:
    line = text.rstrip("\r\n")
    return line.split("\t") if "\t" in line else [field for field in line.split(" ") if field]

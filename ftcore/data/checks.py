"""Checks the values of a row: texts, words, predicates and targets."""

import hashlib
import json
import reprlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np

from ftcore.data.columns import Columns
from ftcore.data.forms import PREDICATE, TOKENS
from ftcore.data.readers import Row, place
from ftcore.errors import DataError

Content = TypeVar("Content")


class Rejection(NamedTuple):
    """A bad row.

    Attributes:
        file: the file, as the user wrote it.
        row: the row's number, 1 for the first data row.
        line: the line where the row begins, or None.
        reason: what is wrong.
        part: the row's own file, if the data is in several files; else None.
    """

    file: str
    row: int
    line: int | None
    reason: str
    part: str | None = None

    @classmethod
    def of(cls, name: str, row: Row, reason: str) -> "Rejection":
        """Return the rejection of a row of the data `name`."""
        return cls(name, row.number, row.line, reason, row.file)

    def stored(self) -> str:
        """Return a line of JSON without the data's name, because the same content may exist under another name."""
        own = {} if self.part is None else {"part": self.part}
        values = {"row": self.row, "line": self.line, "reason": self.reason, **own}
        return json.dumps(values, ensure_ascii=False) + "\n"

    def listed(self) -> dict[str, Any]:
        """Return the entry for the list of all bad rows of a run."""
        return {"file": self.part or self.file, "row": self.row, "line": self.line, "reason": self.reason}

    def __str__(self) -> str:
        return f"{place(self.file, Row(self.row, self.line, {}, file=self.part))}: {self.reason}"


def require_examples(name: str, examples: int, rejected: int) -> None:
    """Check that a file has at least one example.

    Args:
        name: the file, as the user wrote it.
        examples: number of its good rows.
        rejected: number of its bad rows.

    Raises:
        DataError: the file has no example.
    """
    if not examples:
        raise DataError(f"{name}: {f'every row is bad: {rejected} of {rejected}' if rejected else 'has no rows'}")


def texts_of(values: Mapping[str, object], columns: Columns) -> tuple[str, ...]:
    """Return a row's texts; raises ValueError with the reason if one is wrong."""
    return tuple([text_of(values, own, column) for own, column in columns.texts.items()])


def text_of(values: Mapping[str, object], own: str, column: str) -> str:
    """Return the text of a row's column; raises ValueError with the reason if it is missing or wrong."""
    value = values.get(column)
    if value is None:
        raise ValueError(f"{_described(own, column)} is missing")
    if not isinstance(value, str):
        raise ValueError(f"{_described(own, column)} is not a string but {reprlib.repr(value)}")
    if not value or value.isspace():
        raise ValueError(f"{_described(own, column)} is empty")
    _encoded(value, _described(own, column))
    return value


def words_of(values: Mapping[str, object], columns: Columns) -> tuple[str, ...]:
    """Return a row's words; raises ValueError with the reason if they are wrong."""
    column = columns.texts[TOKENS]
    described, words = _described(TOKENS, column), values.get(column)
    if words is None:
        raise ValueError(f"{described} are missing")
    if not isinstance(words, list):
        raise ValueError(f"{described} are not a list of strings but {reprlib.repr(words)}")
    if not words:
        raise ValueError(f"{described} are empty")
    return tuple([_word(word, f"{described[4:]}[{place}]") for place, word in enumerate(words)])


def predicate_of(values: Mapping[str, object], columns: Columns, words: tuple[str, ...]) -> int:
    """Return the index of a row's predicate among its words; raises ValueError with the reason if it is wrong."""
    column = columns.texts[PREDICATE]
    described, index = _described(PREDICATE, column), values.get(column)
    if index is None:
        raise ValueError(f"{described} is missing")
    if isinstance(index, bool) or not isinstance(index, int | np.integer):
        raise ValueError(f"{described} is not a whole number but {reprlib.repr(index)}")
    if not 0 <= index < len(words):
        raise ValueError(f"{described} is {index}, but the {len(words)} tokens have the places 0 to {len(words) - 1}")
    return int(index)


def check_tags(words: tuple[str, ...], tags: object) -> None:
    """Raise ValueError unless a row has one tag for each word."""
    if isinstance(tags, list) and len(tags) != len(words):
        raise ValueError(f"there are {len(tags)} tags for {len(words)} tokens")


def _word(word: object, described: str) -> str:
    if not isinstance(word, str):
        raise ValueError(f"{described} is not a string but {reprlib.repr(word)}")
    if not word or word.isspace():
        raise ValueError(f"{described} is empty")
    _encoded(word, described)
    return word


def target_of(values: Mapping[str, object], own: str, column: str) -> object:
    """Return a row's target, not yet checked by the task; raises ValueError if it is missing or not valid Unicode."""
    value = values.get(column)
    if value is None:
        raise ValueError(f"{_described(own, column)} {'are' if own.endswith('s') else 'is'} missing")
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, str):
            _encoded(part, _described(own, column))
    return value


def text_hash(texts: tuple[str, ...]) -> int:
    """Return a 64-bit hash of a row's texts; rows with equal texts are duplicates."""
    return content_hash("\x1f".join(texts).encode())


def content_hash(content: bytes) -> int:
    """Return a 64-bit hash of an example's content; rows with equal content are duplicates."""
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")


def _described(own: str, column: str) -> str:
    return f"the {own}" if own == column else f"the {own} (column {column!r})"


def _encoded(text: str, described: str) -> None:
    if half := half_of_a_pair(text):
        raise ValueError(f"{described} contains {half}, half of a surrogate pair, which is not a character")


def half_of_a_pair(text: str) -> str | None:
    """Return the first unpaired surrogate in a text, escaped (UTF-8 cannot encode it), or None."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return ascii(text[error.start])
    return None


def read_row(row: Row, columns: Columns, read: Callable[[Mapping[str, object], Columns], Content]) -> Content | str:
    """Return the content of a row, or the reason why the row is bad.

    Args:
        row: the row.
        columns: the columns of its file.
        read: reads the content of a row's values; raises ValueError with the reason if it cannot.
    """
    if row.problem is not None:
        return row.problem
    try:
        return read(row.values, columns)
    except ValueError as error:
        return str(error)

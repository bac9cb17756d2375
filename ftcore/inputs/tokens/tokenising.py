"""A data file read, checked and tokenised once, in chunks; afterwards found again by its content."""

import importlib.metadata
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ftcore.data.checks import (
    Rejection,
    check_tags,
    predicate_of,
    require_examples,
    target_of,
    text_hash,
    texts_of,
    words_of,
)
from ftcore.data.columns import ColumnRules, Columns
from ftcore.data.forms import TOKENS, marks_predicate
from ftcore.data.readers.base import Row
from ftcore.data.sources import Source
from ftcore.data.stored import StoredFile
from ftcore.errors import DataError
from ftcore.files import cache
from ftcore.inputs.tokens.store import TokenArrays, open_stored
from ftcore.inputs.tokens.store_writer import StoreWriter
from ftcore.tasks import TargetCollector, Task
from ftcore.text import EncodedChunk, Tokenizer

FORMAT = 2
"""Part of every key: raised when the stored form, or a check of rows, changes."""
CHUNK = 4096
"""Rows that are tokenised together."""
PROGRESS = 250_000
"""Rows between two words about progress."""

Notify = Callable[[str], None]


@dataclass(frozen=True)
class Reading:
    """How a file's rows become examples; with the file's content and the tokenizer it decides the result.

    Attributes:
        rules: which columns are read.
        task: checks the targets; None where they are not read.
        labels: the labels in order, or None where the file decides them.
        on_bad_row: "stop" or "skip".
        overlap: the most tokens that the windows of a long sentence share; None where it is cut.
    """

    rules: ColumnRules
    task: Task | None
    labels: Sequence[str] | None
    on_bad_row: str
    overlap: int | None = None

    def __post_init__(self) -> None:
        """Check that what is divided into windows are words, without a predicate that a window might lack."""
        if self.overlap is not None and (not self.of_words or marks_predicate(self.rules.forms)):
            raise TypeError("an overlap is for sentences given as words, without predicates")

    @property
    def of_words(self) -> bool:
        """Whether rows are sentences given as words."""
        return all(TOKENS in form for form in self.rules.forms)

    def facts(self) -> dict[str, Any]:
        """Return what a cache's key of any file read this way holds: all but windows, which are for words alone."""
        return {
            "rules": asdict(self.rules),
            "task": self.task.name if self.task else None,
            "labels": None if self.labels is None else list(self.labels),
            "on_bad_row": self.on_bad_row,
        }

    def key(self, source: Source, sha256: str, tokenizer: Tokenizer) -> str:
        """Return the cache's key of a file read this way."""
        depends_on = {
            "format": FORMAT,
            "kind": source.kind,
            "data": sha256,
            "tokenizer": tokenizer.fingerprint,
            "tokenizers": importlib.metadata.version("tokenizers"),
            "overlap": self.overlap,
            **self.facts(),
        }
        return cache.key_of("data", depends_on)


def tokenised(
    source: Source, sha256: str, reading: Reading, tokenizer: Tokenizer, notify: Notify
) -> StoredFile[TokenArrays]:
    """Return a file's examples, from the cache where it was read before.

    Raises:
        DataError: the file is wrong; with on_bad_row "stop" also where a row is.
    """
    return cache.found_or_built(
        reading.key(source, sha256, tokenizer),
        open_stored,
        lambda folder: _Pass(source, reading, tokenizer).write(folder, notify),
    )


def tokenised_rows(
    source: Source, rows: Iterable[Row], columns: Columns, reading: Reading, tokenizer: Tokenizer
) -> "TokenisedRows":
    """Return the examples of a few rows, in memory.

    Args:
        source: where they are from.
        rows: some that follow each other.
        columns: of the source.
        reading: how a row becomes an example.
        tokenizer: the model's.

    Raises:
        DataError: with on_bad_row "stop", where a row is wrong.
    """
    found, reader = TokenisedRows(), _Pass(source, reading, tokenizer)
    for row in rows:
        reader.take(row, columns, found)
    reader.flush(found)
    return found


class _Taker(Protocol):
    """Takes examples, and the rows that are none."""

    def add(self, chunk: EncodedChunk, hashes: "array[int]") -> None: ...

    def reject(self, rejection: Rejection) -> None: ...


class TokenisedRows:
    """A few rows in memory.

    Attributes:
        chunk: the examples of the good ones; None where there are none.
        rejections: the bad ones.
    """

    def __init__(self) -> None:
        self.chunk: EncodedChunk | None = None
        self.rejections: list[Rejection] = []

    def add(self, chunk: EncodedChunk, hashes: "array[int]") -> None:
        """Keep all examples."""
        self.chunk = chunk

    def reject(self, rejection: Rejection) -> None:
        """Keep a bad row."""
        self.rejections.append(rejection)


class _Pass:
    """One pass over a file, from rows to arrays."""

    def __init__(self, source: Source, reading: Reading, tokenizer: Tokenizer) -> None:
        self._source = source
        self._reading = reading
        self._tokenizer = tokenizer
        self._collector: TargetCollector | None = reading.task.collector(reading.labels) if reading.task else None
        self._texts: list[tuple[str, ...]] = []
        self._predicates = array("i")
        self._hashes = array("Q")

    def write(self, folder: Path, notify: Notify) -> None:
        columns = self._reading.rules.bind(self._source.name, self._source.reader.columns())
        separate = self._reading.rules.pair == "separate"
        with StoreWriter(folder, len(columns.texts) if separate else 1, self._reading.of_words) as writer:
            for row in self._source.reader.rows(columns.wanted):
                self.take(row, columns, writer)
                if len(self._texts) == CHUNK:
                    self.flush(writer)
                if row.number % PROGRESS == 0:
                    notify(f"{self._source.name}: {row.number:,} rows read")
            self.flush(writer)
            require_examples(self._source.name, writer.examples, writer.rejected)
            labels, targets = self._collector.finish() if self._collector else ([], np.zeros(0, np.int32))
            writer.finish(list(columns.texts), labels, targets)

    def take(self, row: Row, columns: Columns, writer: _Taker) -> None:
        reason = row.problem or self._add(row.values, columns)
        if reason is None:
            return
        rejection = Rejection(self._source.name, row.number, row.line, reason)
        if self._reading.on_bad_row == "stop":
            raise DataError(str(rejection))
        writer.reject(rejection)

    def _add(self, values: Mapping[str, object], columns: Columns) -> str | None:
        """Take a row's example; returns the reason where the row is bad."""
        try:
            texts = (words_of if self._reading.of_words else texts_of)(values, columns)
            predicate = [predicate_of(values, columns, texts)] if marks_predicate(self._reading.rules.forms) else []
            if self._collector is not None:
                target = None if columns.target is None else target_of(values, *columns.target)
                if self._reading.of_words:
                    check_tags(texts, target)
                self._collector.add(target)
        except ValueError as error:
            return str(error)
        self._texts.append(texts)
        self._predicates.extend(predicate)
        self._hashes.append(text_hash((*texts, *map(str, predicate))))
        return None

    def flush(self, writer: _Taker) -> None:
        if self._texts:
            writer.add(self._encoded(), self._hashes)
            self._texts, self._predicates, self._hashes = [], array("i"), array("Q")

    def _encoded(self) -> EncodedChunk:
        if self._reading.overlap is not None:
            return self._tokenizer.encode_windows(self._texts, self._reading.overlap)
        if self._reading.of_words:
            return self._tokenizer.encode_words(self._texts, self._predicates or None)
        if self._reading.rules.pair == "separate":
            return self._tokenizer.encode([text for texts in self._texts for text in texts])
        first, *second = (list(texts) for texts in zip(*self._texts, strict=True))
        return self._tokenizer.encode(first, *second)

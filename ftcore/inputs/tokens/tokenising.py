"""Reads, checks and tokenises a data file in chunks, once; later the cache finds it by its content."""

import importlib.metadata
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from ftcore.data import Columns, Reading, Rejection, Row, Source, StoredFile, require_examples, target_of, text_hash
from ftcore.files import cache
from ftcore.inputs.tokens.store import TokenArrays, open_stored
from ftcore.inputs.tokens.store_writer import StoreWriter
from ftcore.text import EncodedChunk, Tokenizer

FORMAT = 3
"""The version in every cache key; raise it if the stored format or a check of rows changes."""
CHUNK = 4096
"""Number of rows that are tokenised together."""
PROGRESS = 250_000
"""Number of rows between two progress messages."""

Notify = Callable[[str], None]


class TokenRows(Protocol):
    """How the rows of one kind of example become tokens."""

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer."""
        ...

    @property
    def of_words(self) -> bool:
        """Whether the examples are sentences given as words."""
        ...

    def sequences(self, columns: Columns) -> int:
        """Return the number of sequences per example."""
        ...

    def read(self, values: Mapping[str, object], columns: Columns) -> Any:
        """Return the part of a row to encode; raises ValueError with the reason if the row is bad."""
        ...

    def check_target(self, item: Any, target: object) -> None:
        """Raise ValueError if the target does not fit the item."""
        ...

    def content(self, item: Any) -> tuple[str, ...]:
        """Return the texts that two rows share if they are duplicates."""
        ...

    def encode(self, items: Sequence[Any]) -> EncodedChunk:
        """Return the tokens of consecutive rows."""
        ...

    def facts(self) -> dict[str, Any]:
        """Return what the tokens depend on, besides the tokenizer and the reading."""
        ...


def tokenised(
    source: Source, sha256: str, reading: Reading, rows: TokenRows, notify: Notify
) -> StoredFile[TokenArrays]:
    """Return a file's examples, from the cache if it was read before.

    Raises:
        DataError: the file is wrong, or a row is and on_bad_row is "stop".
    """
    depends_on = {
        "format": FORMAT,
        "kind": source.kind,
        "data": sha256,
        "tokenizer": rows.tokenizer.fingerprint,
        "tokenizers": importlib.metadata.version("tokenizers"),
        **rows.facts(),
        **reading.facts(),
    }
    return cache.found_or_built(
        cache.key_of("data", depends_on), open_stored, lambda folder: _Pass(source, reading, rows).write(folder, notify)
    )


def tokenised_rows(
    source: Source, rows: Iterable[Row], columns: Columns, reading: Reading, token_rows: TokenRows
) -> "TokenisedRows":
    """Return the examples of a few rows, in memory.

    Args:
        source: the source of the rows.
        rows: consecutive rows.
        columns: the source's columns.
        reading: which columns are read, and what to do with a bad row.
        token_rows: how a row becomes tokens.

    Raises:
        DataError: a row is wrong and on_bad_row is "stop".
    """
    found, reader = TokenisedRows(), _Pass(source, reading, token_rows)
    for row in rows:
        reader.take(row, columns, found)
    reader.flush(found)
    return found


class _Taker(Protocol):
    """Takes examples and rejected rows."""

    def add(self, chunk: EncodedChunk, hashes: "array[int]") -> None: ...

    def reject(self, rejection: Rejection) -> None: ...


class TokenisedRows:
    """A few rows in memory.

    Attributes:
        chunk: the examples of the good rows; None if there are none.
        rejections: the bad rows.
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

    def __init__(self, source: Source, reading: Reading, rows: TokenRows) -> None:
        self._source = source
        self._reading = reading
        self._rows = rows
        self._collector = reading.collector()
        self._items: list[Any] = []
        self._hashes = array("Q")

    def write(self, folder: Any, notify: Notify) -> None:
        columns = self._reading.rules.bind(self._source.name, self._source.reader.columns())
        with StoreWriter(folder, self._rows.sequences(columns), self._rows.of_words) as writer:
            for row in self._source.rows(columns.wanted, columns.texts.values()):
                self.take(row, columns, writer)
                if len(self._items) == CHUNK:
                    self.flush(writer)
                if row.number % PROGRESS == 0:
                    notify(f"{self._source.name}: {row.number:,} rows read")
            self.flush(writer)
            require_examples(self._source.name, writer.examples, writer.rejected)
            collected = self._reading.finished(self._collector, self._source.name, columns.notes)
            writer.finish(list(columns.texts), collected)

    def take(self, row: Row, columns: Columns, writer: _Taker) -> None:
        reason = row.problem or self._add(row.values, columns)
        if reason is None:
            return
        self._reading.reject(Rejection.of(self._source.name, row, reason), writer)

    def _add(self, values: Mapping[str, object], columns: Columns) -> str | None:
        """Take a row's example; returns the reason if the row is bad."""
        try:
            item = self._rows.read(values, columns)
            if self._collector is not None:
                target = None if columns.target is None else target_of(values, *columns.target)
                self._rows.check_target(item, target)
                self._collector.add(target)
        except ValueError as error:
            return str(error)
        self._items.append(item)
        self._hashes.append(text_hash(self._rows.content(item)))
        return None

    def flush(self, writer: _Taker) -> None:
        if self._items:
            writer.add(self._rows.encode(self._items), self._hashes)
            self._items, self._hashes = [], array("Q")

"""Reads, checks and tokenises files of questions once, and caches the result by content."""

import importlib.metadata
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ftcore.data import (
    Columns,
    LoadedFile,
    Location,
    Reading,
    Rejection,
    Row,
    Source,
    open_source,
    read_row,
    require_examples,
)
from ftcore.files import cache
from ftcore.inputs.questions.dataset import QuestionDataset
from ftcore.inputs.questions.rows import QuestionRow, question_row
from ftcore.inputs.questions.store import QuestionArrays, QuestionWriter, open_stored
from ftcore.inputs.questions.windows import Encoded, QuestionEncoder

FORMAT = 1
"""Part of every cache key: increased when the stored form, or a check of rows, changes."""
CHUNK = 1024
"""Number of rows that are tokenised together."""
PROGRESS = 100
"""Number of chunks between two progress messages."""


@dataclass(frozen=True)
class QuestionLoader:
    """Loads files for one tokenizer.

    Attributes:
        encoder: makes windows from rows.
        base: folder to which relative paths refer.
        notify: receives messages for the user.
    """

    encoder: QuestionEncoder
    base: Path
    notify: Callable[[str], None]

    def load(self, location: Location, reading: Reading) -> LoadedFile:
        """Read, check and tokenise a file, or find it in the cache."""
        source = open_source(location, self.base, reading.format, reading.where).told(self.notify)
        sha256 = source.sha256()
        depends_on = {
            "format": FORMAT,
            "kind": source.kind,
            "data": sha256,
            "tokenizers": importlib.metadata.version("tokenizers"),
            **self.encoder.facts(),
            **reading.facts(),
        }
        key = cache.key_of("questions", depends_on)
        stored = cache.found_or_built(key, open_stored, lambda folder: self._write(folder, source, reading))
        return LoadedFile(source.name, sha256, stored, self._dataset(stored.arrays))

    def load_rows(
        self, source: Source, rows: Sequence[Row], columns: Columns
    ) -> tuple[QuestionDataset | None, dict[int, str]]:
        """Return the windows of a few rows, None for a row without any, and by row number the reasons for None."""
        problems: dict[int, str] = {}
        # Mapped arrays remain readable after the folder is removed.
        with tempfile.TemporaryDirectory() as folder:
            with QuestionWriter(Path(folder)) as writer:
                for row, good, found in self._encoded(rows, columns):
                    if isinstance(found, str):
                        problems[row.number] = str(Rejection.of(source.name, row, found))
                    else:
                        writer.add(good, found)
                writer.finish(list(columns.texts))
            arrays = open_stored(Path(folder)).arrays
        return self._dataset(arrays) if writer.examples else None, problems

    def _write(self, folder: Path, source: Source, reading: Reading) -> None:
        """Convert the rows of a file to arrays in one pass."""
        columns = reading.rules.bind(source.name, source.reader.columns())
        with QuestionWriter(folder) as writer:
            reader, chunks = source.rows(columns.wanted, columns.texts.values()), 0
            while rows := list(islice(reader, CHUNK)):
                for row, good, found in self._encoded(rows, columns):
                    if isinstance(found, str):
                        reading.reject(Rejection.of(source.name, row, found), writer)
                    else:
                        writer.add(good, found)
                chunks += 1
                if chunks % PROGRESS == 0:
                    self.notify(f"{source.name}: {rows[-1].number:,} rows read")
            require_examples(source.name, writer.examples, writer.rejected)
            writer.finish(list(columns.texts), columns.notes)

    def _encoded(self, rows: Sequence[Row], columns: Columns) -> Iterator[tuple[Row, QuestionRow, Encoded]]:
        """Yield every row with its windows, or with the reason why it has none, in order."""
        read = [read_row(row, columns, question_row) for row in rows]
        windows = self.encoder.encode([one for one in read if not isinstance(one, str)])
        for row, one in zip(rows, read, strict=True):
            yield (row, QuestionRow("", ""), one) if isinstance(one, str) else (row, one, next(windows))

    def _dataset(self, arrays: QuestionArrays) -> QuestionDataset:
        tokenizer = self.encoder.tokenizer
        return QuestionDataset(arrays, tokenizer.max_length, tokenizer.pad_token_id)

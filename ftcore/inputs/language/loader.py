"""Reads, checks and tokenises texts for a language model once; later the cache finds them by their content."""

import importlib.metadata
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from ftcore.data import (
    Columns,
    CountedDataset,
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
from ftcore.helpers import version_of
from ftcore.inputs.language.encoders import Encode, Encoded, Encoder
from ftcore.inputs.language.rows import row_texts
from ftcore.inputs.language.store import LanguageArrays, LanguageWriter, open_stored

FORMAT = 3
"""The version in every cache key; raise it if the stored format or a check of rows changes."""
CHUNK = 1024
"""Number of rows that are tokenised together."""
PROGRESS = 100_000
"""Number of rows between two progress messages."""

MakesDataset = Callable[[LanguageArrays], CountedDataset]


@dataclass(frozen=True)
class LanguageLoader:
    """Loads files for one language model.

    Attributes:
        encoder: makes examples of rows.
        encode: the encoder's method `examples` or `prompts`.
        dataset: makes the dataset of stored examples.
        base: the folder that relative paths start from.
        notify: called with messages for the user.
    """

    encoder: Encoder
    encode: Encode
    dataset: MakesDataset
    base: Path
    notify: Callable[[str], None]

    def load(self, location: Location, reading: Reading) -> LoadedFile:
        """Read, check and tokenise a file, or find it in the cache."""
        source = open_source(location, self.base, reading.format, reading.where).told(self.notify)
        sha256 = source.sha256()
        key = _key(source, sha256, reading, self)
        stored = cache.found_or_built(key, open_stored, lambda folder: _write(folder, source, reading, self))
        return LoadedFile(source.name, sha256, stored, self.dataset(stored.arrays))

    def load_rows(
        self, source: Source, rows: Sequence[Row], columns: Columns
    ) -> tuple[CountedDataset | None, dict[int, str]]:
        """Return the examples of a few rows (None if there are none) and, by row number, why a row has none."""
        problems: dict[int, str] = {}
        # The memory-mapped arrays outlive the folder.
        with tempfile.TemporaryDirectory() as folder:
            with LanguageWriter(Path(folder), self.encoder.sequences) as writer:
                for row, found in _encoded(rows, columns, self.encode):
                    if isinstance(found, str):
                        problems[row.number] = str(Rejection.of(source.name, row, found))
                    else:
                        for example in found:
                            writer.add(example, row.number)
                writer.finish(list(columns.texts))
            arrays = open_stored(Path(folder)).arrays
        return self.dataset(arrays) if writer.examples else None, problems


def _key(source: Source, sha256: str, reading: Reading, loader: LanguageLoader) -> str:
    depends_on = {
        "format": FORMAT,
        "kind": source.kind,
        "data": sha256,
        "encoder": loader.encoder.fingerprint,
        "encodes": loader.encode.__name__,
        "versions": [importlib.metadata.version("tokenizers"), version_of("jinja2")],
        "rules": asdict(reading.rules),
        "on_bad_row": reading.on_bad_row,
        **reading.facts_of_rows(),
    }
    return cache.key_of("language", depends_on)


def _write(folder: Path, source: Source, reading: Reading, loader: LanguageLoader) -> None:
    """Make one pass over a file, from rows to arrays."""
    columns = reading.rules.bind(source.name, source.reader.columns())
    with LanguageWriter(folder, loader.encoder.sequences) as writer:
        reader = source.rows(columns.wanted, columns.texts.values())
        while rows := list(islice(reader, CHUNK)):
            for row, found in _encoded(rows, columns, loader.encode):
                _take(row, found, source.name, reading, writer)
            if rows[-1].number % PROGRESS < CHUNK and rows[-1].number >= PROGRESS:
                loader.notify(f"{source.name}: {rows[-1].number:,} rows read")
        require_examples(source.name, writer.examples, writer.rejected)
        writer.finish(list(columns.texts), columns.notes)


def _encoded(rows: Sequence[Row], columns: Columns, encode: Encode) -> Iterator[tuple[Row, Encoded]]:
    """Yield every row with its examples, or with the reason why it has none, in order."""
    texts = [read_row(row, columns, row_texts) for row in rows]
    of_good = encode([one for one in texts if not isinstance(one, str)])
    for row, one in zip(rows, texts, strict=True):
        yield row, one if isinstance(one, str) else next(of_good)


def _take(row: Row, found: Encoded, name: str, reading: Reading, writer: LanguageWriter) -> None:
    if not isinstance(found, str):
        for example in found:
            writer.add(example, row.number)
        return
    reading.reject(Rejection.of(name, row, found), writer)

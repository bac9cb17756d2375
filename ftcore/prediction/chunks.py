"""Rows in chunks: as many as are in memory at once, with what a network reads of them."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ftcore.data.columns import ColumnRules, Columns
from ftcore.data.dataset import Dataset
from ftcore.data.formats import OnBadRow, StreamFormat
from ftcore.data.forms import Form
from ftcore.data.prepare import Preparer, prepare_inputs
from ftcore.data.readers.base import Row
from ftcore.data.sources import Source, rows
from ftcore.data.streams import STANDARD_INPUT, stored_file
from ftcore.errors import DataError
from ftcore.helpers.suggestions import did_you_mean
from ftcore.inputs.arrays.shapes import ArrayInputs
from ftcore.inputs.tokens.store import TokenArrays, TokenDataset
from ftcore.inputs.tokens.tokenising import Reading, tokenised_rows
from ftcore.inputs.tokens.word_arrays import WordArrays
from ftcore.text import EncodedChunk, Tokenizer

CHUNK = 4096
"""Rows that are in memory at once."""


@dataclass(frozen=True)
class Chunk:
    """Rows that follow each other.

    Attributes:
        rows: all of them, in order.
        dataset: the examples of the good ones, in order; None where there are none.
        problems: what is wrong with the others, by their numbers.
    """

    rows: Sequence[Row]
    dataset: Dataset | None
    problems: Mapping[int, str] = field(default_factory=dict)


Encode = Callable[[Source, Sequence[Row], Columns], tuple[Dataset | None, Mapping[int, str]]]
"""Makes examples of rows that follow each other; the rows that are none are told by their numbers."""


@dataclass(frozen=True)
class RowEncoder:
    """What makes examples of rows.

    Attributes:
        rules: which columns it reads.
        encode: makes them.
    """

    rules: ColumnRules
    encode: Encode


def read_chunks(source: Source, encoder: RowEncoder, keep: Sequence[str], on_bad_row: OnBadRow) -> Iterator[Chunk]:
    """Read, check and encode rows as they come; nothing is cached.

    Args:
        source: where they are.
        encoder: what makes examples of them.
        keep: further columns that the rows are to have.
        on_bad_row: "stop" or "skip".

    Raises:
        DataError: the source or, unless it is skipped, a row is wrong.
    """
    found = source.reader.columns()
    columns = encoder.rules.bind(source.name, found)
    _check_kept(source.name, keep, found)
    for part in _parts(source.reader.rows(list(dict.fromkeys([*columns.wanted, *keep])))):
        dataset, problems = encoder.encode(source, part, columns)
        if problems and on_bad_row == "stop":
            raise DataError(next(iter(problems.values())))
        yield Chunk(part, dataset, problems)


def text_encoder(rules: ColumnRules, tokenizer: Tokenizer, overlap: int | None = None) -> RowEncoder:
    """Return what makes examples of texts or words; `overlap` as in `Reading`."""
    reading = Reading(rules, task=None, labels=None, on_bad_row="skip", overlap=overlap)

    def encode(source: Source, rows: Sequence[Row], columns: Columns) -> tuple[Dataset | None, Mapping[int, str]]:
        given = tokenised_rows(source, rows, columns, reading, tokenizer)
        problems = {rejection.row: str(rejection) for rejection in given.rejections}
        sequences = len(columns.texts) if rules.pair == "separate" else 1
        return _dataset(given.chunk, sequences, tokenizer), problems

    return RowEncoder(rules, encode)


@dataclass(frozen=True)
class Inputs:
    """How the inputs of a model that reads no texts are found; see `prepare_inputs`."""

    columns: Mapping[str, str]
    pair: str
    preparer: Preparer
    forms: tuple[Form, ...]


def stored_chunks(location: str, stream_format: StreamFormat, inputs: Inputs, keep: Sequence[str]) -> Iterator[Chunk]:
    """Prepare images or arrays in the cache, as for training, and give them in parts, mapped into memory."""
    if location == STANDARD_INPUT and isinstance(inputs.preparer, ArrayInputs):
        raise DataError("arrays cannot be read from standard input: give a .npz file, or a folder of .npy files")
    with stored_file(location, stream_format) as path:
        dataset = prepare_inputs(path, inputs.columns, inputs.pair, inputs.preparer, Path.cwd(), inputs.forms)
        numbered = rows(path, Path.cwd()) if keep else (Row(number, None, {}) for number in range(1, len(dataset) + 1))
        start = 0
        for part in _parts(numbered):
            _check_kept(path, keep, list(part[0].values))
            yield Chunk(part, dataset.subset(np.arange(start, start + len(part))))
            start += len(part)


def _parts(given: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(given)
    while part := list(itertools.islice(remaining, CHUNK)):
        yield part


def _check_kept(name: str, keep: Sequence[str], found: Sequence[str]) -> None:
    for column in keep:
        if column not in found:
            raise DataError(
                f"{name}: there is no column {column!r} to keep{did_you_mean(column, found)}; "
                f"its columns are {', '.join(found) or 'none'}"
            )


def _dataset(chunk: EncodedChunk | None, sequences: int, tokenizer: Tokenizer) -> TokenDataset | None:
    if chunk is None:
        return None
    nothing, starts = np.zeros(0, np.int32), _starts(chunk.lengths)
    words = None
    if chunk.words is not None and chunk.word_counts is not None:
        sentences = None if chunk.windows is None else np.repeat(np.arange(len(chunk.windows)), chunk.windows)
        words = WordArrays(chunk.words, _starts(chunk.word_counts), starts, nothing, sentences=sentences)
    arrays = TokenArrays(
        ids=chunk.ids,
        type_ids=chunk.type_ids,
        starts=starts,
        targets=nothing,
        hashes=np.zeros(len(chunk.lengths) // sequences, np.uint64),
        truncated=chunk.truncated,
        sequences=sequences,
        words=words,
    )
    return TokenDataset(arrays, tokenizer.max_length, tokenizer.pad_token_id)


def _starts(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])

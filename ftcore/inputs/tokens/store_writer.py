"""Writes tokenised examples to disk as they arrive, so that memory use does not grow with the texts."""

from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ftcore.data import Collected, ExampleWriter, group_starts
from ftcore.inputs.tokens.store import DTYPES, WORD_DTYPES
from ftcore.text import EncodedChunk


class StoreWriter(ExampleWriter):
    """Fills a folder that `open_stored` reads."""

    def __init__(self, folder: Path, sequences: int, of_words: bool = False) -> None:
        """Create the writer.

        Args:
            folder: an empty folder.
            sequences: number of sequences per example.
            of_words: whether examples are sentences given as words.
        """
        dtypes = DTYPES | WORD_DTYPES if of_words else DTYPES
        super().__init__(folder, dtypes, starts=tuple(dtypes.keys() & {"starts", "word_starts"}))
        self._sequences = sequences
        self._tokens = 0
        self._words = 0
        self._sentences = 0

    def add(self, chunk: EncodedChunk, hashes: "array[int]") -> None:
        """Append examples.

        Args:
            chunk: their tokens; the sequences of an example are consecutive.
            hashes: uint64 [rows], one per row; a row is an example, or a sentence in several windows.
        """
        windows = np.ones(len(hashes), np.int64) if chunk.windows is None else chunk.windows
        self._append("ids", chunk.ids)
        self._append("type_ids", chunk.type_ids)
        self._append("starts", self._tokens + np.cumsum(chunk.lengths, dtype=np.int64))
        self._append("hashes", np.repeat(np.asarray(hashes, np.uint64), windows) + _numbers(windows))
        self._append(
            "truncated", np.logical_or.reduceat(chunk.truncated, np.arange(0, len(chunk.truncated), self._sequences))
        )
        if chunk.words is not None and chunk.word_counts is not None:
            self._append("words", chunk.words)
            self._append("word_starts", self._words + np.cumsum(chunk.word_counts, dtype=np.int64))
            self._words += int(chunk.word_counts.sum())
            self._append("sentences", self._sentences + np.repeat(np.arange(len(windows)), windows))
            self._sentences += len(windows)
        self._tokens += len(chunk.ids)
        self.examples += int(windows.sum())

    def finish(self, form: Sequence[str], collected: Collected) -> None:
        """Write the rest, without which the folder is incomplete."""
        self._folder.finish(form, collected, {"sequences": self._sequences})

    def _append(self, name: str, values: np.ndarray) -> None:
        self._folder.append(name, values)


def _numbers(windows: np.ndarray) -> np.ndarray:
    """Return the index of each window in its sentence, from 0: uint64 [windows]."""
    before = np.repeat(group_starts(windows), windows)
    return np.asarray(np.arange(len(before)) - before, np.uint64)

"""Writes tokenised examples as they come: what is held in memory does not grow with the texts."""

from array import array
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from ftcore.data.checks import Rejection
from ftcore.data.store import DTYPES, WORD_DTYPES
from ftcore.data.stored import FolderWriter
from ftcore.data.tokenizer import EncodedChunk


class StoreWriter:
    """Fills a folder that `open_stored` reads.

    Attributes:
        examples: number written.
    """

    def __init__(self, folder: Path, sequences: int, of_words: bool = False) -> None:
        """Begin.

        Args:
            folder: an empty folder.
            sequences: of an example.
            of_words: whether examples are sentences given as words.
        """
        self.examples = 0
        self._sequences = sequences
        self._dtypes = DTYPES | WORD_DTYPES if of_words else DTYPES
        self._folder = FolderWriter(folder, self._dtypes)
        self._tokens = 0
        self._words = 0
        self._sentences = 0

    def __enter__(self) -> "StoreWriter":
        self._folder.__enter__()
        for name in self._dtypes.keys() & {"starts", "word_starts"}:
            self._append(name, np.zeros(1, np.int64))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.__exit__(kind, error, trace)

    @property
    def rejected(self) -> int:
        """Number of rejections written."""
        return self._folder.rejected

    def add(self, chunk: EncodedChunk, hashes: "array[int]") -> None:
        """Append examples.

        Args:
            chunk: their tokens; with several sequences an example those of one follow each other.
            hashes: uint64, one a row: an example, or a sentence in several windows.
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

    def reject(self, rejection: Rejection) -> None:
        """Append a bad row."""
        self._folder.reject(rejection)

    def finish(self, form: Sequence[str], labels: Sequence[str], targets: np.ndarray) -> None:
        """Write the rest; without it the folder is not whole."""
        self._folder.finish(form, labels, targets, {"sequences": self._sequences})

    def _append(self, name: str, values: np.ndarray) -> None:
        self._folder.append(name, values)


def _numbers(windows: np.ndarray) -> np.ndarray:
    """Return the number of each window in its sentence, from 0: uint64."""
    before = np.repeat(np.cumsum(windows) - windows, windows)
    return np.asarray(np.arange(len(before)) - before, np.uint64)

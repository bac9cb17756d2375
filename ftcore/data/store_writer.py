"""Writes tokenised examples as they come: what is held in memory does not grow with the texts."""

from array import array
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np

from ftcore.data.checks import Rejection
from ftcore.data.store import DTYPES, WORD_DTYPES
from ftcore.data.tokenizer import EncodedChunk
from ftcore.files import write_json


class StoreWriter:
    """Fills a folder that `StoredSplit.open` reads.

    Attributes:
        examples: number written.
        rejected: number of rejections written.
    """

    def __init__(self, folder: Path, sequences: int, of_words: bool = False) -> None:
        """Begin.

        Args:
            folder: an empty folder.
            sequences: of an example.
            of_words: whether examples are sentences given as words.
        """
        self.examples = 0
        self.rejected = 0
        self._folder = folder
        self._sequences = sequences
        self._dtypes = DTYPES | WORD_DTYPES if of_words else DTYPES
        self._sizes = dict.fromkeys(self._dtypes, 0)
        self._tokens = 0
        self._words = 0
        self._sentences = 0
        self._open = ExitStack()

    def __enter__(self) -> "StoreWriter":
        self._files: dict[str, IO[bytes]] = {
            name: self._open.enter_context((self._folder / f"{name}.bin").open("wb")) for name in self._dtypes
        }
        self._rejections = self._open.enter_context((self._folder / "rejected.jsonl").open("w", encoding="utf-8"))
        for name in self._dtypes.keys() & {"starts", "word_starts"}:
            self._append(name, np.zeros(1, np.int64))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

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
        self._rejections.write(rejection.stored())
        self.rejected += 1

    def finish(self, form: Sequence[str], labels: Sequence[str], targets: np.ndarray) -> None:
        """Write the rest; without it the folder is not whole."""
        np.save(self._folder / "targets.npy", targets)
        about = {
            "sequences": self._sequences,
            "form": list(form),
            "labels": list(labels),
            "rejected": self.rejected,
            "sizes": self._sizes,
        }
        write_json(self._folder / "about.json", about)

    def _append(self, name: str, values: np.ndarray) -> None:
        self._files[name].write(np.ascontiguousarray(values, self._dtypes[name]).tobytes())
        self._sizes[name] += len(values)


def _numbers(windows: np.ndarray) -> np.ndarray:
    """Return the number of each window in its sentence, from 0: uint64."""
    before = np.repeat(np.cumsum(windows) - windows, windows)
    return np.asarray(np.arange(len(before)) - before, np.uint64)

"""Stores the examples of language models on disk."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ftcore.data import Collected, ExampleWriter, StoredFile, content_hash, open_folder
from ftcore.inputs.language.encoders import Example

DTYPES = {
    "ids": np.int32,
    "learned": np.bool_,
    "starts": np.int64,
    "hashes": np.uint64,
    "truncated": np.bool_,
    "references": np.uint8,
    "reference_starts": np.int64,
    "rows": np.int64,
}


@dataclass(frozen=True)
class LanguageArrays:
    """The arrays of a stored split.

    Attributes:
        ids: int32 [tokens], all sequences concatenated.
        learned: bool [tokens], which tokens count in the loss.
        starts: int64 [sequences + 1], the start of each sequence in `ids`, then the number of tokens.
        hashes: uint64 [examples], the hash of each example's ids.
        truncated: bool [examples], whether the example was truncated.
        references: uint8 [bytes], a JSON list in UTF-8 for each example.
        reference_starts: int64 [examples + 1], the start of each example's list in `references`.
        rows: int64 [examples], the row of which each example is made, ascending.
        sequences: number of sequences per example.
        weights: float32 [examples], the weight of each example; None for 1.
    """

    ids: np.ndarray
    learned: np.ndarray
    starts: np.ndarray
    hashes: np.ndarray
    truncated: np.ndarray
    references: np.ndarray
    reference_starts: np.ndarray
    rows: np.ndarray
    sequences: int
    weights: np.ndarray | None = None

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples, sequences]: number of tokens of each sequence."""
        return np.diff(self.starts).astype(np.int32).reshape(-1, self.sequences)

    def references_of(self, row: int) -> list[str]:
        """Return the reference texts of an example; [] if it has none."""
        start, end = self.reference_starts[row : row + 2]
        texts: list[str] = json.loads(bytes(self.references[start:end]) or b"[]")
        return texts


def open_stored(folder: Path) -> StoredFile[LanguageArrays]:
    """Memory-map a folder that `LanguageWriter` filled.

    Raises:
        OSError, EOFError, ValueError, KeyError: the folder is incomplete.
    """
    found = open_folder(folder, DTYPES)
    return found.of(LanguageArrays(**found.arrays, sequences=found.about["sequences"]))


class LanguageWriter(ExampleWriter):
    """Fills a folder that `open_stored` reads.

    Args:
        folder: an empty folder.
        sequences: number of sequences per example.
    """

    def __init__(self, folder: Path, sequences: int) -> None:
        super().__init__(folder, DTYPES, starts=("starts", "reference_starts"))
        self._sequences = sequences

    def add(self, example: Example, row: int = 0) -> None:
        """Append an example of a row."""
        for ids in example.sequences:
            self._folder.append("ids", ids)
            self._folder.append("starts", [self._folder.size("ids")])
        self._folder.append("learned", example.learned)
        self._folder.append("hashes", [content_hash(json.dumps(example.sequences).encode())])
        self._folder.append("truncated", [example.truncated])
        texts = json.dumps(list(example.references), ensure_ascii=False).encode() if example.references else b""
        self._folder.append("references", np.frombuffer(texts, np.uint8))
        self._folder.append("reference_starts", [self._folder.size("references")])
        self._folder.append("rows", [row])
        self.examples += 1

    def finish(self, form: Sequence[str], notes: Sequence[str] = ()) -> None:
        """Write the rest, without which the folder is incomplete."""
        self._folder.finish(form, Collected([], np.zeros(0, np.int32), list(notes)), {"sequences": self._sequences})

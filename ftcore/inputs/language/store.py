"""Examples of language models on disk."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ftcore.data import ExampleWriter, StoredFile, content_hash, open_folder
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
        ids: int32 [tokens], all sequences one after another.
        learned: bool [tokens], which of them are learned.
        starts: int64 [sequences + 1], where each sequence begins; then the number of tokens.
        hashes: uint64 [examples], of the ids.
        truncated: bool [examples].
        references: uint8, UTF-8 of a JSON list an example.
        reference_starts: int64 [examples + 1], where each begins.
        rows: int64 [examples], the row that each is of, or is a part of: ascending.
        sequences: of an example.
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

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples, sequences]: tokens."""
        return np.diff(self.starts).astype(np.int32).reshape(-1, self.sequences)

    def references_of(self, row: int) -> list[str]:
        """Return the texts that are right for an example; [] where it is not judged."""
        start, end = self.reference_starts[row : row + 2]
        texts: list[str] = json.loads(bytes(self.references[start:end]) or b"[]")
        return texts


def open_stored(folder: Path) -> StoredFile[LanguageArrays]:
    """Map a folder that `LanguageWriter` filled.

    Raises:
        OSError, EOFError, ValueError, KeyError: it is not whole.
    """
    found = open_folder(folder, DTYPES)
    return found.of(LanguageArrays(**found.arrays, sequences=found.about["sequences"]))


class LanguageWriter(ExampleWriter):
    """Fills a folder that `open_stored` reads.

    Args:
        folder: an empty folder.
        sequences: of an example.
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

    def finish(self, form: Sequence[str]) -> None:
        """Write the rest; without it the folder is not whole."""
        self._folder.finish(form, [], np.zeros(0, np.int32), {"sequences": self._sequences})

"""Examples of language models on disk."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType

import numpy as np

from ftcore.data.array_files import ArrayWriter, open_arrays
from ftcore.data.checks import Rejection, content_hash
from ftcore.data.language.encoders import Example

DTYPES = {
    "ids": np.int32,
    "learned": np.bool_,
    "starts": np.int64,
    "hashes": np.uint64,
    "truncated": np.bool_,
    "references": np.uint8,
    "reference_starts": np.int64,
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
        sequences: of an example.
    """

    ids: np.ndarray
    learned: np.ndarray
    starts: np.ndarray
    hashes: np.ndarray
    truncated: np.ndarray
    references: np.ndarray
    reference_starts: np.ndarray
    sequences: int

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples, sequences]: tokens."""
        return np.diff(self.starts).astype(np.int32).reshape(-1, self.sequences)

    def references_of(self, row: int) -> list[str]:
        """Return the texts that are right for an example."""
        start, end = self.reference_starts[row : row + 2]
        texts: list[str] = json.loads(bytes(self.references[start:end]))
        return texts


@dataclass(frozen=True)
class StoredLanguage:
    """A file's examples.

    Attributes:
        arrays: the examples.
        form: ftcore's names of the columns that they came from.
        labels: none.
        rejected: number of bad rows that were left out.
        rejections: the file that lists them, one JSON object a line.
    """

    arrays: LanguageArrays
    form: tuple[str, ...]
    labels: list[str]
    rejected: int
    rejections: Path

    @classmethod
    def open(cls, folder: Path) -> "StoredLanguage":
        """Map a folder that `LanguageWriter` filled.

        Raises:
            OSError, EOFError, ValueError, KeyError: it is not whole.
        """
        arrays, about = open_arrays(folder, DTYPES)
        return cls(
            LanguageArrays(**arrays, sequences=about["sequences"]),
            tuple(about["form"]),
            [],
            about["rejected"],
            folder / "rejected.jsonl",
        )


class LanguageWriter:
    """Fills a folder that `StoredLanguage.open` reads.

    Args:
        folder: an empty folder.
        sequences: of an example.

    Attributes:
        examples, rejected: numbers written.
    """

    def __init__(self, folder: Path, sequences: int) -> None:
        self.examples = 0
        self.rejected = 0
        self._arrays = ArrayWriter(folder, DTYPES)
        self._rejections = folder / "rejected.jsonl"
        self._sequences = sequences

    def __enter__(self) -> "LanguageWriter":
        self._arrays.__enter__()
        self._rejection_lines = self._rejections.open("w", encoding="utf-8")
        for name in ("starts", "reference_starts"):
            self._arrays.append(name, [0])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rejection_lines.close()
        self._arrays.__exit__(kind, error, trace)

    def add(self, example: Example) -> None:
        """Append an example."""
        for ids in example.sequences:
            self._arrays.append("ids", ids)
            self._arrays.append("starts", [self._arrays.size("ids")])
        self._arrays.append("learned", example.learned)
        self._arrays.append("hashes", [content_hash(json.dumps(example.sequences).encode())])
        self._arrays.append("truncated", [example.truncated])
        texts = json.dumps(list(example.references), ensure_ascii=False).encode() if example.references else b""
        self._arrays.append("references", np.frombuffer(texts, np.uint8))
        self._arrays.append("reference_starts", [self._arrays.size("references")])
        self.examples += 1

    def reject(self, rejection: Rejection) -> None:
        """Append a bad row."""
        self._rejection_lines.write(rejection.stored())
        self.rejected += 1

    def finish(self, form: Sequence[str]) -> None:
        """Write the rest; without it the folder is not whole."""
        self._arrays.finish({"sequences": self._sequences, "form": list(form), "rejected": self.rejected})

"""Tokenised examples on disk: flat arrays that are mapped into memory, and the data set that reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.backend import Batch
from ftcore.files import read_json

MULTIPLE = 8
"""Batches are padded to a multiple of this, so that few distinct shapes occur."""
DTYPES = {"ids": np.int32, "type_ids": np.uint8, "hashes": np.uint64, "truncated": np.bool_, "starts": np.int64}
"""The files NAME.bin of a stored split and what they hold; targets.npy and about.json come beside."""


@dataclass(frozen=True)
class TokenArrays:
    """The arrays of a stored split.

    Attributes:
        ids: int32 [tokens], all sequences one after another.
        type_ids: uint8 [tokens].
        starts: int64 [sequences + 1], where each sequence begins; then the number of tokens.
        targets: int32 [examples], float32 [examples, outputs], or [0] where there are none.
        hashes: uint64 [examples], of the texts.
        truncated: bool [examples], those with a sequence that was cut.
        sequences: of an example: 1, or 2 where two texts are encoded separately.
    """

    ids: np.ndarray
    type_ids: np.ndarray
    starts: np.ndarray
    targets: np.ndarray
    hashes: np.ndarray
    truncated: np.ndarray
    sequences: int

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples, sequences]: tokens."""
        return np.diff(self.starts).astype(np.int32).reshape(-1, self.sequences)


@dataclass(frozen=True)
class StoredSplit:
    """A tokenised file.

    Attributes:
        arrays: its examples.
        form: ftcore's names of the columns that its texts came from.
        labels: in order; [] where there are none.
        rejected: number of bad rows that were left out.
        rejections: the file that lists them, one JSON object a line.
    """

    arrays: TokenArrays
    form: tuple[str, ...]
    labels: list[str]
    rejected: int
    rejections: Path

    @classmethod
    def open(cls, folder: Path) -> "StoredSplit":
        """Map a folder that `StoreWriter` filled.

        Raises:
            OSError, EOFError, ValueError, KeyError: it is not whole.
        """
        about: dict[str, Any] = read_json(folder / "about.json")
        arrays = {name: np.memmap(folder / f"{name}.bin", dtype, mode="r") for name, dtype in DTYPES.items()}
        if {name: len(array) for name, array in arrays.items()} != about["sizes"]:
            raise ValueError(f"{folder}: the arrays do not have the sizes that about.json tells")
        targets = np.load(folder / "targets.npy", mmap_mode="r")
        return cls(
            TokenArrays(**arrays, targets=targets, sequences=about["sequences"]),
            tuple(about["form"]),
            about["labels"],
            about["rejected"],
            folder / "rejected.jsonl",
        )


class TokenDataset:
    """Examples of a stored split: all, or those of some rows."""

    def __init__(self, arrays: TokenArrays, max_length: int, pad_token_id: int, rows: np.ndarray | None = None) -> None:
        """Choose examples.

        Args:
            arrays: the stored split.
            max_length: the longest that a batch may be.
            pad_token_id: what batches are filled up with.
            rows: int64 [examples], places in the stored split; None for all.
        """
        self._arrays = arrays
        self._max_length = max_length
        self._pad_token_id = pad_token_id
        self._rows = np.arange(len(arrays.hashes)) if rows is None else np.asarray(rows, dtype=np.int64)

    @cached_property
    def targets(self) -> np.ndarray:
        """int32 [examples] or float32 [examples, outputs]; [0] where the data has none."""
        targets = self._arrays.targets
        return np.asarray(targets[self._rows] if len(targets) else targets)

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: the longest sequence of each example, in tokens."""
        longest: np.ndarray = self._arrays.lengths[self._rows].max(axis=1)
        return longest

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples]: equal where the texts are equal."""
        return np.asarray(self._arrays.hashes[self._rows])

    @property
    def truncated(self) -> int:
        """Number of examples with a sequence that was cut."""
        return int(self._arrays.truncated[self._rows].sum())

    @property
    def tokens(self) -> int:
        """Number of tokens, special tokens included."""
        return int(self._arrays.lengths[self._rows].sum(dtype=np.int64))

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._rows)

    def subset(self, ids: np.ndarray) -> "TokenDataset":
        """Return the examples with these ids as a data set of their own, ids renumbered from 0."""
        return TokenDataset(self._arrays, self._max_length, self._pad_token_id, self._rows[ids])

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, padded to one length."""
        rows, count = self._rows[ids], self._arrays.sequences
        sequences = (rows[:, None] * count + np.arange(count)).ravel()
        lengths = self._arrays.lengths[rows].ravel()
        return Batch(
            inputs=self._padded(self._arrays.starts[sequences], lengths),
            targets=self._targets_of(rows),
            weights=np.ones(len(ids), dtype=np.float32),
            example_ids=np.asarray(ids, dtype=np.int64),
            tokens=int(lengths.sum()),
        )

    def _padded(self, starts: np.ndarray, lengths: np.ndarray) -> Mapping[str, np.ndarray]:
        width = min(-(-int(lengths.max()) // MULTIPLE) * MULTIPLE, self._max_length)
        mask = np.arange(width) < lengths[:, None]
        places = (starts[:, None] + np.arange(width))[mask]
        input_ids = np.full(mask.shape, self._pad_token_id, dtype=np.int32)
        token_type_ids = np.zeros(mask.shape, dtype=np.int32)
        input_ids[mask] = self._arrays.ids[places]
        token_type_ids[mask] = self._arrays.type_ids[places]
        return {
            "input_ids": input_ids,
            "attention_mask": mask.astype(np.int32),
            "token_type_ids": token_type_ids,
        }

    def _targets_of(self, rows: np.ndarray) -> Mapping[str, np.ndarray]:
        targets = self._arrays.targets
        return {"labels": np.asarray(targets[rows])} if len(targets) else {}

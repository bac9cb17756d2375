"""What the loop trains and evaluates on: examples that can be fetched as batches by their ids."""

from typing import Protocol

import numpy as np

from ftcore.backend import Batch


class Dataset(Protocol):
    """Examples of one split, held in arrays (memory-mapped where they are many)."""

    @property
    def targets(self) -> np.ndarray:
        """int32 [examples] or float32 [examples, outputs]; [0] where the data has none."""
        ...

    @property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: the longest sequence of each example, in tokens; what batches are sorted by."""
        ...

    def __len__(self) -> int:
        """Return the number of examples."""
        ...

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, padded to one length."""
        ...

    def packed(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, several in a row.

        Raises:
            TypeError: the examples are not tokens.
        """
        ...

    def subset(self, ids: np.ndarray) -> "Dataset":
        """Return the examples with these ids as a data set of their own, ids renumbered from 0."""
        ...


class CountedDataset(Dataset, Protocol):
    """Examples of a file, which a report counts."""

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples]: equal where the texts, or images, are equal."""
        ...

    @property
    def truncated(self) -> int:
        """Number of examples that were cut."""
        ...

    @property
    def tokens(self) -> int:
        """Number of tokens, special tokens included; 0 where the examples are none."""
        ...

    def subset(self, ids: np.ndarray) -> "CountedDataset":
        """Return the examples with these ids as a data set of their own, ids renumbered from 0."""
        ...

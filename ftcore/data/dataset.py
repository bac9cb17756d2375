"""What the loop trains and evaluates on: examples that can be fetched as batches by their ids."""

from typing import Protocol

import numpy as np

from ftcore.contract import Batch
from ftcore.data.words import WordValues


class Dataset(Protocol):
    """Examples of one split, held in arrays (memory-mapped where they are many)."""

    @property
    def targets(self) -> np.ndarray:
        """int32 [examples] or float32 [examples, outputs]; of words int32 [words]; [0] where the data has none."""
        ...

    @property
    def words(self) -> WordValues | None:
        """The targets of every word, with the names of their codes; None where examples have a target each."""
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

    def of_words(self, ids: np.ndarray, logits: np.ndarray) -> WordValues:
        """Return what logits say of each word, float [words, outputs]; nan of a word without a token.

        Args:
            ids: int64 [examples], of a batch that is not packed.
            logits: float [examples, length, outputs] of it.

        Raises:
            TypeError: the examples are not given as words.
        """
        ...

    def subset(self, ids: np.ndarray) -> "Dataset":
        """Return the examples with these ids as a data set of their own, ids renumbered from 0."""
        ...


class CountedDataset(Dataset, Protocol):
    """Examples of a file, which a report counts."""

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples]: equal where the texts, images or sequences are equal."""
        ...

    @property
    def truncated(self) -> int:
        """Number of examples that were cut."""
        ...

    @property
    def tokens(self) -> int:
        """Number of tokens, special tokens included; of sequences of numbers their steps; 0 of images."""
        ...

    @property
    def parts(self) -> np.ndarray | None:
        """int64 [rows]: how many examples that follow each other each row became; None where each became one."""
        ...

    @property
    def unread_words(self) -> int:
        """Number of words that the network is not given; 0 where examples are not given as words."""
        ...

    def subset(self, ids: np.ndarray) -> "CountedDataset":
        """Return the examples with these ids as a data set of their own, ids renumbered from 0."""
        ...

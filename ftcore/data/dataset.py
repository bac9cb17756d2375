"""Protocols of the datasets that a run trains and evaluates on: examples fetched as batches by their ids."""

from typing import Protocol

import numpy as np

from ftcore.contract import Batch
from ftcore.data.words import WordValues


class Dataset(Protocol):
    """Examples of one split, held in arrays, which may be memory-mapped."""

    @property
    def targets(self) -> np.ndarray:
        """int32 [examples] or float32 [examples, outputs]; for tasks of words int32 [words]; [0] without targets."""
        ...

    @property
    def words(self) -> WordValues | None:
        """The targets of every word, with the names of their codes; None if each example has one target."""
        ...

    @property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: the length in tokens of each example's longest sequence, by which batches are sorted."""
        ...

    @property
    def weights(self) -> np.ndarray | None:
        """float32 [examples], the weight of each example in the loss and the metrics; None if all are 1."""
        ...

    def __len__(self) -> int:
        """Return the number of examples."""
        ...

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, padded to one length."""
        ...

    def packed(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, packed several to a row.

        Raises:
            TypeError: the examples are not sequences of tokens.
        """
        ...

    def of_words(self, ids: np.ndarray, logits: np.ndarray) -> WordValues:
        """Return the logits of each word, float [words, outputs]; NaN for a word without a token.

        Args:
            ids: int64 [examples], of a batch that is not packed.
            logits: float [examples, length, outputs] of that batch.

        Raises:
            TypeError: the examples are not given as words.
        """
        ...

    def subset(self, ids: np.ndarray) -> "Dataset":
        """Return the examples with these ids, int64 [examples], as a new dataset with ids from 0."""
        ...


class CountedDataset(Dataset, Protocol):
    """The examples of a file, with the numbers for its report."""

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples], a hash of each example's content; equal contents have equal hashes."""
        ...

    @property
    def truncated(self) -> int:
        """Number of examples that were truncated."""
        ...

    @property
    def tokens(self) -> int:
        """Number of tokens, with special tokens; for series the number of steps; for images 0."""
        ...

    @property
    def parts(self) -> np.ndarray | None:
        """int64 [rows]: the number of consecutive examples made of each row; None if each row is one example."""
        ...

    @property
    def unread_words(self) -> int:
        """Number of words that the network does not see; 0 if examples are not given as words."""
        ...

    def weighted(self, weights: np.ndarray) -> "CountedDataset":
        """Return the same examples with weights, float32 [examples], in place of their own."""
        ...

    def subset(self, ids: np.ndarray) -> "CountedDataset":
        """Return the examples with these ids, int64 [examples], as a new dataset with ids from 0."""
        ...

"""What the data sets of all language models share."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from ftcore.contract import Batch
from ftcore.data import CountedDataset, WordValues
from ftcore.inputs.language.store import LanguageArrays


class LanguageExamples:
    """Examples of a stored split: all, or those of some rows. Each kind of model adds its batches.

    Args:
        arrays: the stored split.
        rows: int64 [examples], places in the stored split; None for all.
    """

    words: None = None
    unread_words: int = 0

    def __init__(self, arrays: LanguageArrays, rows: np.ndarray | None = None) -> None:
        self._arrays = arrays
        self._rows = np.arange(len(arrays.hashes)) if rows is None else np.asarray(rows, dtype=np.int64)

    @property
    def targets(self) -> np.ndarray:
        """Nothing: what is learned are tokens."""
        return np.zeros(0, np.int32)

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: the longest sequence of each example, in tokens."""
        longest: np.ndarray = self._arrays.lengths[self._rows].max(axis=1)
        return longest

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples]: equal where the tokens are equal."""
        return np.asarray(self._arrays.hashes[self._rows])

    @property
    def parts(self) -> np.ndarray:
        """int64 [rows]: how many examples each row of the file is; a long text is several, which follow each other."""
        return np.unique(self._arrays.rows[self._rows], return_counts=True)[1]

    @property
    def truncated(self) -> int:
        """Number of examples that were cut."""
        return int(self._arrays.truncated[self._rows].sum())

    @property
    def tokens(self) -> int:
        """Number of tokens, special tokens included."""
        return int(self._arrays.lengths[self._rows].sum(dtype=np.int64))

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._rows)

    def for_evaluation(self) -> "LanguageExamples":
        """Return the examples as evaluation reads them."""
        return self

    def by_step(self) -> Callable[[int], CountedDataset] | None:
        """Return what gives the examples as a step of the training sees them; None where every step sees the same."""
        return None

    def prompt_inputs(self, ids: np.ndarray) -> dict[str, np.ndarray]:
        """Return what texts are written from, int32 [examples, length] each, for these examples, int64 [examples].

        Raises:
            TypeError: no texts are written from these examples.
        """
        raise TypeError(f"{type(self).__name__}: no text is written for these examples")

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, padded to one length."""
        raise NotImplementedError

    def packed(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, several in a row."""
        raise NotImplementedError

    def subset(self, ids: np.ndarray) -> "LanguageExamples":
        """Return the examples with these ids as a data set of their own, ids renumbered from 0."""
        raise NotImplementedError

    def of_words(self, ids: np.ndarray, logits: Any) -> WordValues:
        """Raise TypeError: these examples have no words."""
        raise TypeError("these examples have no words")

    def references(self, ids: np.ndarray) -> list[list[str]]:
        """Return the texts that are right for each of these examples, int64 [examples]."""
        return [self._arrays.references_of(int(row)) for row in self._rows[ids]]

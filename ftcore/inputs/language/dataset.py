"""Defines the base of the datasets of all language models."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from ftcore.contract import Batch
from ftcore.data import CountedDataset, WordValues, placed
from ftcore.inputs.language.store import LanguageArrays


class LanguageExamples:
    """All examples of a stored split, or a selection; each kind of model adds its batches.

    Args:
        arrays: the stored split.
        rows: int64 [examples], indices in the stored split; None for all.
    """

    words: None = None
    unread_words: int = 0

    def __init__(self, arrays: LanguageArrays, rows: np.ndarray | None = None) -> None:
        self._arrays = arrays
        self._rows = np.arange(len(arrays.hashes)) if rows is None else np.asarray(rows, dtype=np.int64)

    @property
    def targets(self) -> np.ndarray:
        """int32 [0]: only tokens are learned."""
        return np.zeros(0, np.int32)

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: the length in tokens of each example's longest sequence."""
        longest: np.ndarray = self._arrays.lengths[self._rows].max(axis=1)
        return longest

    @property
    def weights(self) -> np.ndarray | None:
        """float32 [examples], the weight of each example; None if all are 1."""
        return None if self._arrays.weights is None else np.asarray(self._arrays.weights[self._rows])

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples], a hash of each example's tokens."""
        return np.asarray(self._arrays.hashes[self._rows])

    @property
    def parts(self) -> np.ndarray:
        """int64 [rows]: the number of consecutive examples of each row; a long text becomes several."""
        return np.unique(self._arrays.rows[self._rows], return_counts=True)[1]

    @property
    def truncated(self) -> int:
        """Number of examples that were truncated."""
        return int(self._arrays.truncated[self._rows].sum())

    @property
    def tokens(self) -> int:
        """Number of tokens, with special tokens."""
        return int(self._arrays.lengths[self._rows].sum(dtype=np.int64))

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._rows)

    def for_evaluation(self) -> "LanguageExamples":
        """Return the examples in the form that evaluation reads."""
        return self

    def by_step(self) -> Callable[[int], CountedDataset] | None:
        """Return a function from a training step to its examples; None if all steps see the same."""
        return None

    def prompt_inputs(self, ids: np.ndarray) -> dict[str, np.ndarray]:
        """Return the inputs of generation, int32 [examples, length] each, for these ids, int64 [examples].

        Raises:
            TypeError: no texts are generated from these examples.
        """
        raise TypeError(f"{type(self).__name__}: no text is generated from these examples")

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, padded to one length."""
        raise NotImplementedError

    def packed(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, packed several to a row."""
        raise NotImplementedError

    def subset(self, ids: np.ndarray) -> "LanguageExamples":
        """Return the examples with these ids, int64 [examples], as a new dataset with ids from 0."""
        return self._with(self._arrays, self._rows[ids])

    def weighted(self, weights: np.ndarray) -> "LanguageExamples":
        """Return the same examples with weights, float32 [examples], in place of their own."""
        every = placed(weights, self._rows, len(self._arrays.hashes))
        return self._with(replace(self._arrays, weights=every), self._rows)

    def _with(self, arrays: LanguageArrays, rows: np.ndarray) -> "LanguageExamples":
        """Return other examples of the same kind."""
        raise NotImplementedError

    def of_words(self, ids: np.ndarray, logits: Any) -> WordValues:
        """Raise TypeError: these examples have no words. For the arguments see `Dataset.of_words`."""
        raise TypeError("these examples have no words")

    def references(self, ids: np.ndarray) -> list[list[str]]:
        """Return the reference texts of each of these examples, int64 [examples]."""
        return [self._arrays.references_of(int(row)) for row in self._rows[ids]]

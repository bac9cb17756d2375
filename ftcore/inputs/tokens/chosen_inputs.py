"""Limits a dataset's inputs to those that a network takes."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ftcore.contract import Batch
from ftcore.data import CountedDataset, WordValues


class ChosenInputs:
    """The examples of another dataset, with only some of their inputs.

    Args:
        dataset: the examples.
        names: the new name of each input that is kept, by its name in the other dataset.
    """

    def __init__(self, dataset: CountedDataset, names: Mapping[str, str]) -> None:
        self._dataset = dataset
        self._names = names

    @property
    def targets(self) -> np.ndarray:
        """The targets of the other dataset; see `Dataset.targets`."""
        return self._dataset.targets

    @property
    def words(self) -> WordValues | None:
        """The words of the other dataset."""
        return self._dataset.words

    @property
    def weights(self) -> np.ndarray | None:
        """float32 [examples]: the weights of the other dataset; None if all are 1."""
        return self._dataset.weights

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples]: the hashes of the other dataset."""
        return self._dataset.hashes

    @property
    def truncated(self) -> int:
        """Number of truncated examples of the other dataset."""
        return self._dataset.truncated

    @property
    def tokens(self) -> int:
        """Number of tokens of the other dataset."""
        return self._dataset.tokens

    @property
    def parts(self) -> np.ndarray | None:
        """int64 [rows]: the parts of the other dataset."""
        return self._dataset.parts

    @property
    def unread_words(self) -> int:
        """Number of unread words of the other dataset."""
        return self._dataset.unread_words

    @property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: the lengths of the other dataset."""
        return self._dataset.lengths

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._dataset)

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, padded to one length."""
        batch = self._dataset.batch(ids)
        return replace(batch, inputs={new: batch.inputs[old] for old, new in self._names.items()})

    def packed(self, ids: np.ndarray) -> Batch:
        """Raise TypeError: the inputs that separate packed examples may be missing. For `ids` see `Dataset.packed`."""
        raise TypeError("only whole token inputs can be packed")

    def of_words(self, ids: np.ndarray, logits: np.ndarray) -> WordValues:
        """Return what the other dataset returns; see `Dataset.of_words`."""
        return self._dataset.of_words(ids, logits)

    def weighted(self, weights: np.ndarray) -> "ChosenInputs":
        """Return the same examples with weights, float32 [examples], in place of their own."""
        return ChosenInputs(self._dataset.weighted(weights), self._names)

    def subset(self, ids: np.ndarray) -> "ChosenInputs":
        """Return the examples with these ids, int64 [examples], as a new dataset with ids from 0."""
        return ChosenInputs(self._dataset.subset(ids), self._names)

"""Examples of which a network is given some inputs alone."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ftcore.contract import Batch
from ftcore.data import CountedDataset, WordValues


class ChosenInputs:
    """The examples of another data set.

    Args:
        dataset: the examples.
        names: of each input that is kept, its name there to its name here.
    """

    def __init__(self, dataset: CountedDataset, names: Mapping[str, str]) -> None:
        self._dataset = dataset
        self._names = names

    @property
    def targets(self) -> np.ndarray:
        """Those of the other data set."""
        return self._dataset.targets

    @property
    def words(self) -> WordValues | None:
        """Those of the other data set."""
        return self._dataset.words

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples]: those of the other data set."""
        return self._dataset.hashes

    @property
    def truncated(self) -> int:
        """That of the other data set."""
        return self._dataset.truncated

    @property
    def tokens(self) -> int:
        """Those of the other data set."""
        return self._dataset.tokens

    @property
    def parts(self) -> np.ndarray | None:
        """int64 [rows]: those of the other data set."""
        return self._dataset.parts

    @property
    def unread_words(self) -> int:
        """Those of the other data set."""
        return self._dataset.unread_words

    @property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: those of the other data set."""
        return self._dataset.lengths

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._dataset)

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, padded to one length."""
        batch = self._dataset.batch(ids)
        return replace(batch, inputs={new: batch.inputs[old] for old, new in self._names.items()})

    def packed(self, ids: np.ndarray) -> Batch:
        """Raise TypeError: what tells packed examples apart may not be among the inputs."""
        raise TypeError("only whole token inputs can be packed")

    def of_words(self, ids: np.ndarray, logits: np.ndarray) -> WordValues:
        """Return what the other data set does."""
        return self._dataset.of_words(ids, logits)

    def subset(self, ids: np.ndarray) -> "ChosenInputs":
        """Return the examples with these ids as a data set of their own."""
        return ChosenInputs(self._dataset.subset(ids), self._names)

"""The base of datasets of images, series and arrays: rows with one target each."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from ftcore.contract import Batch
from ftcore.data.words import WordValues


def placed(weights: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """Return the weights of chosen examples as those of all stored ones, float32 [count], 1 for the others.

    Args:
        weights: float32 [examples].
        rows: int64 [examples], the index of each in the store.
        count: number of stored examples.
    """
    found = np.ones(count, dtype=np.float32)
    found[rows] = weights
    return found


class LabeledRows:
    """All stored examples, or a selection of them; a subclass adds how their inputs are fetched."""

    truncated = 0

    def __init__(
        self, targets: np.ndarray, count: int, rows: np.ndarray | None, weights: np.ndarray | None = None
    ) -> None:
        """Choose examples.

        Args:
            targets: int32 [count] or float32 [count, outputs], or [0] if there are none.
            count: number of stored examples.
            rows: int64 [examples], indices of the chosen examples; None for all.
            weights: float32 [count], the weight of each stored example; None for 1.
        """
        self._all_targets = targets
        self._all_weights = weights
        self._rows = np.arange(count) if rows is None else np.asarray(rows, dtype=np.int64)

    @cached_property
    def targets(self) -> np.ndarray:
        """int32 [examples] or float32 [examples, outputs]; [0] if the data has none."""
        return np.asarray(self._all_targets[self._rows] if len(self._all_targets) else self._all_targets)

    @property
    def weights(self) -> np.ndarray | None:
        """float32 [examples], the weight of each example; None if all are 1."""
        return None if self._all_weights is None else np.asarray(self._all_weights[self._rows])

    @property
    def words(self) -> None:
        """None: an example has one target."""

    @property
    def parts(self) -> None:
        """None: each row is one example."""

    @property
    def unread_words(self) -> int:
        """0, because there are no words."""
        return 0

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._rows)

    def packed(self, ids: np.ndarray) -> Batch:
        """Raise TypeError: the examples are not tokens. For the arguments see `Dataset.packed`."""
        raise TypeError("only tokens can be packed")

    def of_words(self, ids: np.ndarray, logits: np.ndarray) -> WordValues:
        """Raise TypeError: the examples are not words. For the arguments see `Dataset.of_words`."""
        raise TypeError("only the words of texts have logits of their own")

    def _batch(self, ids: np.ndarray, inputs: Mapping[str, np.ndarray], tokens: int = 0) -> Batch:
        """Return a batch of the examples with these ids, given their inputs."""
        targets, weights = self._all_targets, self.weights
        return Batch(
            inputs=inputs,
            targets={"labels": np.asarray(targets[self._rows[ids]])} if len(targets) else {},
            weights=np.ones(len(ids), dtype=np.float32) if weights is None else weights[ids],
            example_ids=np.asarray(ids, dtype=np.int64),
            tokens=tokens,
        )

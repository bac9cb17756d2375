"""Defines the dataset of ready arrays, in memory or memory-mapped from files."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from ftcore.contract import Batch
from ftcore.data import LabeledRows, content_hash, placed
from ftcore.errors import DataError


class ArrayDataset(LabeledRows):
    """Inputs and labels of all examples, or of a selection.

    Args:
        inputs: one array, called "inputs" in a batch; a mapping, whose names are kept; or a list, called
            "0", "1", ... Each array is [examples, ...].
        labels: int32 [examples] or float32 [examples, outputs]; None if there are none.
        rows: int64 [examples], indices of the chosen rows of the arrays; None for all.
        weights: float32 [all rows], the weight of each row of the arrays; None for 1.

    Raises:
        DataError: there is no example, the numbers of examples differ, or an array does not hold numbers.
    """

    tokens = 0

    def __init__(
        self,
        inputs: np.ndarray | Mapping[str, np.ndarray] | Sequence[np.ndarray],
        labels: np.ndarray | None,
        rows: np.ndarray | None = None,
        weights: np.ndarray | None = None,
    ) -> None:
        self._inputs = {name: _numbers(f"inputs[{name!r}]", array) for name, array in _by_name(inputs).items()}
        self._labels = None if labels is None else _numbers("labels", labels)
        targets = np.zeros(0, np.int32) if self._labels is None else self._labels
        super().__init__(targets, self._count(), rows, weights)

    @property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: all 0, because examples have no lengths."""
        return np.zeros(len(self), dtype=np.int32)

    @cached_property
    def hashes(self) -> np.ndarray:
        """uint64 [examples], a hash of each example's inputs."""
        contents = (b"".join(array[row].tobytes() for array in self._inputs.values()) for row in self._rows)
        return np.fromiter(map(content_hash, contents), np.uint64, len(self))

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order."""
        rows = self._rows[ids]
        return self._batch(ids, {name: np.asarray(array[rows]) for name, array in self._inputs.items()})

    def subset(self, ids: np.ndarray) -> "ArrayDataset":
        """Return the examples with these ids, int64 [examples], as a new dataset with ids from 0."""
        return ArrayDataset(self._inputs, self._labels, self._rows[ids], self._all_weights)

    def weighted(self, weights: np.ndarray) -> "ArrayDataset":
        """Return the same examples with weights, float32 [examples], in place of their own."""
        every = placed(weights, self._rows, self._count())
        return ArrayDataset(self._inputs, self._labels, self._rows, every)

    def _count(self) -> int:
        """Return the number of examples in the arrays."""
        if not self._inputs:
            raise DataError("inputs: there is no array")
        labels = next(iter(self._inputs.values())) if self._labels is None else self._labels
        if len(labels) == 0:
            raise DataError("labels: there is no example")
        for name, array in self._inputs.items():
            if len(array) != len(labels):
                raise DataError(f"inputs[{name!r}] has {len(array)} examples, and labels has {len(labels)}")
        return len(labels)


def _by_name(inputs: np.ndarray | Mapping[str, np.ndarray] | Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    if isinstance(inputs, Mapping):
        return dict(inputs)
    if isinstance(inputs, list | tuple):
        return {str(index): array for index, array in enumerate(inputs)}
    return {"inputs": np.asarray(inputs)}


def _numbers(name: str, array: np.ndarray) -> np.ndarray:
    try:
        found = np.asarray(array)
    except ValueError as error:
        raise DataError(f"{name}: is not an array: {error}") from error
    if found.ndim == 0 or found.dtype.kind not in "biufc":
        raise DataError(f"{name}: must be an array of numbers, not {found.dtype} {list(found.shape)}")
    return found

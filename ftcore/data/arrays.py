"""Examples that the user already has as arrays."""

from collections.abc import Mapping, Sequence

import numpy as np

from ftcore.backend import Batch
from ftcore.errors import DataError
from ftcore.tasks.words import Words


class ArrayDataset:
    """Inputs and labels in memory.

    Args:
        inputs: one array, called "inputs" in a batch; a mapping, whose names are kept; or a list, called
            "0", "1", ... Each has the examples along its first axis.
        labels: int32 [examples] or float32 [examples, outputs].

    Raises:
        DataError: there is no example, the numbers of examples differ, or an array does not hold numbers.
    """

    def __init__(
        self, inputs: np.ndarray | Mapping[str, np.ndarray] | Sequence[np.ndarray], labels: np.ndarray
    ) -> None:
        self._inputs = {name: _numbers(f"inputs[{name!r}]", array) for name, array in _by_name(inputs).items()}
        self._labels = _numbers("labels", labels)
        if not self._inputs:
            raise DataError("inputs: there is no array")
        if len(self._labels) == 0:
            raise DataError("labels: there is no example")
        for name, array in self._inputs.items():
            if len(array) != len(self._labels):
                raise DataError(f"inputs[{name!r}] has {len(array)} examples, and labels has {len(self._labels)}")

    @property
    def targets(self) -> np.ndarray:
        """The labels."""
        return self._labels

    @property
    def words(self) -> None:
        """None: examples have a label each."""

    @property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: all 0, for no example is longer than another."""
        return np.zeros(len(self), dtype=np.int32)

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._labels)

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order."""
        return Batch(
            inputs={name: array[ids] for name, array in self._inputs.items()},
            targets={"labels": self._labels[ids]},
            weights=np.ones(len(ids), dtype=np.float32),
            example_ids=np.asarray(ids, dtype=np.int64),
        )

    def packed(self, ids: np.ndarray) -> Batch:
        """Raise TypeError: arrays are taken as they are."""
        raise TypeError("only tokens can be packed")

    def of_words(self, ids: np.ndarray, logits: np.ndarray) -> Words:
        """Raise TypeError: arrays are taken as they are."""
        raise TypeError("arrays have no words")

    def subset(self, ids: np.ndarray) -> "ArrayDataset":
        """Return the examples with these ids as a data set of their own."""
        return ArrayDataset({name: array[ids] for name, array in self._inputs.items()}, self._labels[ids])


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
        raise DataError(f"{name}: is no array: {error}") from error
    if found.ndim == 0 or found.dtype.kind not in "biufc":
        raise DataError(f"{name}: must be an array of numbers, not {found.dtype} {list(found.shape)}")
    return found

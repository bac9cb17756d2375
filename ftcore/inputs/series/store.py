"""Stores series on disk as flat, memory-mapped arrays, and reads them as a dataset."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from ftcore.contract import Batch
from ftcore.data import Collected, ExampleWriter, LabeledRows, StoredFile, content_hash, open_folder, placed
from ftcore.inputs.series.channels import Standardization

CHUNK = 4096
"""Number of sequences that are read at once to compute means and deviations."""


@dataclass(frozen=True)
class SeriesArrays:
    """The arrays of stored sequences.

    Attributes:
        values: float32 [steps, channels], all sequences concatenated.
        starts: int64 [examples + 1], the start of each sequence in `values`, then the number of steps.
        targets: int32 [examples] or float32 [examples, outputs], or [0] if there are none.
        hashes: uint64 [examples], the hash of each example's values.
        weights: float32 [examples], the weight of each example; None for 1.
    """

    values: np.ndarray
    starts: np.ndarray
    targets: np.ndarray
    hashes: np.ndarray
    weights: np.ndarray | None = None


DTYPES = {"values": np.float32, "starts": np.int64, "hashes": np.uint64}
"""The type of each file NAME.bin of stored sequences."""


def open_stored(folder: Path) -> StoredFile[SeriesArrays]:
    """Memory-map a folder that `SeriesWriter` filled.

    Raises:
        OSError, EOFError, ValueError, KeyError: the folder is incomplete.
    """
    found = open_folder(folder, DTYPES)
    values, starts = found.arrays["values"].reshape(-1, found.about["channels"]), found.arrays["starts"]
    hashes = found.arrays["hashes"]
    if starts[-1] != len(values) or len(hashes) != len(starts) - 1:
        raise ValueError(f"{folder}: the arrays do not have the sizes in about.json")
    return found.of(SeriesArrays(values, starts, found.targets, hashes))


class SeriesWriter(ExampleWriter):
    """Fills a folder that `open_stored` reads, sequence by sequence."""

    def __init__(self, folder: Path, channels: int) -> None:
        super().__init__(folder, DTYPES, starts=("starts",))
        self._channels = channels

    def add(self, vectors: np.ndarray) -> None:
        """Append a sequence, float32 [steps, channels]."""
        self._folder.append("values", vectors)
        self._folder.append("starts", [self._folder.size("values") // self._channels])
        self._folder.append("hashes", [content_hash(np.ascontiguousarray(vectors).tobytes())])
        self.examples += 1

    def finish(self, collected: Collected) -> None:
        """Write the rest, without which the folder is incomplete."""
        self._folder.finish((), collected, {"channels": self._channels})


class SeriesDataset(LabeledRows):
    """All stored sequences, or a selection of them."""

    def __init__(
        self, arrays: SeriesArrays, standardization: Standardization | None, rows: np.ndarray | None = None
    ) -> None:
        """Choose examples.

        Args:
            arrays: the stored sequences.
            standardization: applied to every step; None for none.
            rows: int64 [examples], indices in the store; None for all.
        """
        super().__init__(arrays.targets, len(arrays.hashes), rows, arrays.weights)
        self.standardization = standardization
        self._arrays = arrays

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: number of steps."""
        return np.asarray(self._arrays.starts[self._rows + 1] - self._arrays.starts[self._rows], dtype=np.int32)

    @property
    def tokens(self) -> int:
        """Number of steps, each of which costs as much as a token."""
        return int(self.lengths.sum(dtype=np.int64))

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples], a hash of each example's values."""
        return np.asarray(self._arrays.hashes[self._rows])

    def weighted(self, weights: np.ndarray) -> "SeriesDataset":
        """Return the same examples with weights, float32 [examples], in place of their own."""
        arrays = replace(self._arrays, weights=placed(weights, self._rows, len(self._arrays.hashes)))
        return SeriesDataset(arrays, self.standardization, self._rows)

    def subset(self, ids: np.ndarray) -> "SeriesDataset":
        """Return the examples with these ids, int64 [examples], as a new dataset with ids from 0."""
        return SeriesDataset(self._arrays, self.standardization, self._rows[ids])

    def standardized(self, standardization: Standardization) -> "SeriesDataset":
        """Return the same examples with this standardization."""
        return SeriesDataset(self._arrays, standardization, self._rows)

    def channel_numbers(self) -> Standardization:
        """Return each channel's mean and deviation over all steps, in float64; deviation 1 if it is constant."""
        mean = self._sum_over_steps(lambda values: values) / self.tokens
        variance = self._sum_over_steps(lambda values: (values - mean) ** 2) / self.tokens
        deviation = np.where(variance > 0, np.sqrt(variance), 1.0)
        return Standardization(tuple(mean.tolist()), tuple(deviation.tolist()))

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the sequences with these ids, int64 [examples], in this order, padded on the right to the longest.

        `values` is float32 [examples, length, channels], 0 at padding; `attention_mask` int32 [examples, length].
        """
        lengths = self.lengths[ids]
        real = np.arange(int(lengths.max())) < lengths[:, None]
        values = np.zeros((*real.shape, self._arrays.values.shape[1]), dtype=np.float32)
        values[real] = self._scaled(self._steps(ids))
        inputs = {"values": values, "attention_mask": real.astype(np.int32)}
        return self._batch(ids, inputs, tokens=int(lengths.sum()))

    def _steps(self, ids: np.ndarray) -> np.ndarray:
        """Return the stored steps of these examples, concatenated, float32 [steps, channels]."""
        starts = self._arrays.starts
        return np.concatenate([self._arrays.values[starts[row] : starts[row + 1]] for row in self._rows[ids]])

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        if self.standardization is None:
            return values
        mean, deviation = np.array(self.standardization.mean), np.array(self.standardization.deviation)
        return np.asarray((values - mean) / deviation, dtype=np.float32)

    def _sum_over_steps(self, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return the sum of a function of all steps, float64 [channels]."""
        parts = np.split(np.arange(len(self)), range(CHUNK, len(self), CHUNK))
        sums = [function(self._steps(ids).astype(np.float64)).sum(axis=0) for ids in parts]
        return np.asarray(np.sum(sums, axis=0))

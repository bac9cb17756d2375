"""From the ids of a step, or a whole split, to batches."""

from collections.abc import Iterator

import numpy as np

from ftcore.backend import Batch
from ftcore.data.dataset import Dataset


def global_batch(dataset: Dataset, ids: np.ndarray, micro_batch_size: int | None) -> list[Batch]:
    """Return the batches of one step.

    Args:
        dataset: the examples.
        ids: int64 [batch], the step's examples.
        micro_batch_size: the most examples of a batch, or None for one batch. Examples of like length come
            together, so that short ones share little padding.
    """
    if micro_batch_size is None:
        return [dataset.batch(ids)]
    by_length = ids[np.argsort(dataset.lengths[ids], kind="stable")]
    return [dataset.batch(part) for part in _parts(by_length, micro_batch_size)]


def evaluation_batches(dataset: Dataset, batch_size: int = 64) -> Iterator[Batch]:
    """Give every example once, the shortest first; `example_ids` tell the place of each."""
    by_length = np.argsort(dataset.lengths, kind="stable")
    for part in _parts(by_length, batch_size):
        yield dataset.batch(part)


def _parts(ids: np.ndarray, size: int) -> Iterator[np.ndarray]:
    return (ids[start : start + size] for start in range(0, len(ids), size))

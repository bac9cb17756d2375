"""Makes batches from the example ids of a step, or from a whole split."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import numpy as np

from ftcore.contract import Batch
from ftcore.data.dataset import Dataset

Batching = Literal["packed", "sorted", "padded"]
Arrange = Callable[[Dataset, np.ndarray, int], list[Batch]]
"""(dataset, ids of a step, maximum examples per batch) -> the step's batches."""

BATCH_COST = 128
"""The cost of one more batch in a step, in tokens: its kernel calls and the accumulation of its gradients."""
EVALUATION_TOKENS, EVALUATION_EXAMPLES = 4096, 256
"""Maximum slots of an evaluation batch (exceeded only by a single longer example), and maximum examples."""


def global_batch(
    dataset: Dataset, ids: np.ndarray, batching: Batching, micro_batch_size: int | None = None
) -> list[Batch]:
    """Return the batches of one step; every arrangement gives the same loss and gradient, up to rounding.

    Args:
        dataset: the examples.
        ids: int64 [batch], the step's examples.
        batching: "packed" puts several examples in one row; "sorted" splits the step into batches of similar lengths,
            which need little padding; "padded" pads every example to the longest.
        micro_batch_size: maximum examples per batch; None for no limit.
    """
    return ARRANGEMENTS[batching](dataset, ids, micro_batch_size or len(ids))


def evaluation_batches(dataset: Dataset, most_tokens: int = EVALUATION_TOKENS) -> Iterator[Batch]:
    """Yield every example once, the shortest first, in padded batches with about the same number of slots.

    `example_ids` give the position of each example in the dataset.
    """
    by_length = np.argsort(dataset.lengths, kind="stable")
    start = 0
    while start < len(by_length):
        # Examples are sorted by length, so the last one of a batch is its longest.
        ends = np.arange(start + 1, min(start + EVALUATION_EXAMPLES, len(by_length)) + 1)
        slots = (ends - start) * np.maximum(dataset.lengths[by_length[ends - 1]], 1)
        count = max(1, int(np.searchsorted(slots, most_tokens, side="right")))
        yield dataset.batch(by_length[start : start + count])
        start += count


def sequence_lengths(batch: Batch) -> np.ndarray:
    """Return the number of real tokens of each sequence, int [sequences]; zeros for inputs that are not tokens."""
    if "lengths" in batch.inputs:
        return batch.inputs["lengths"]
    if "attention_mask" in batch.inputs:
        return np.asarray(batch.inputs["attention_mask"].sum(axis=1))
    return np.zeros(batch.examples, dtype=np.int64)


def counted_lengths(batch: Batch) -> np.ndarray:
    """Return the numbers of real tokens from which a step's operations are counted (`ftcore.models.flops.StepFlops`).

    Returns:
        int [sequences], as `sequence_lengths`; for an encoder-decoder int [examples, 2], of source and target.
    """
    target = batch.inputs.get("decoder_attention_mask")
    lengths = sequence_lengths(batch)
    return lengths if target is None else np.stack([lengths, target.sum(axis=1)], axis=1)


def _packed(dataset: Dataset, ids: np.ndarray, most: int) -> list[Batch]:
    if len(ids) <= most:
        return [dataset.packed(ids)]
    by_length = ids[np.argsort(dataset.lengths[ids], kind="stable")]
    return [dataset.packed(part) for part in _parts(by_length, most)]


def _padded(dataset: Dataset, ids: np.ndarray, most: int) -> list[Batch]:
    return [dataset.batch(part) for part in _parts(ids, most)]


def _sorted(dataset: Dataset, ids: np.ndarray, most: int) -> list[Batch]:
    by_length = ids[np.argsort(dataset.lengths[ids], kind="stable")]
    cuts = _cheapest_cuts(dataset.lengths[by_length], most)
    return [dataset.batch(part) for part in np.split(by_length, cuts)]


def _cheapest_cuts(lengths: np.ndarray, most: int) -> list[int]:
    """Return where to cut ascending lengths to minimise the cost of slots and batches (dynamic programming)."""
    last = len(lengths)
    steps = [0, *(np.flatnonzero(np.diff(lengths)) + 1).tolist()]
    # Moving a cut to the right is free until the length grows or the batch before it is full.
    candidates = sorted({last, *(place for step in steps for place in range(step, last, most))})
    costs, before = {0: 0.0}, dict[int, int]()
    for end in candidates[1:]:
        starts = [start for start in candidates if start < end and end - start <= most]
        whole = {start: costs[start] + (end - start) * int(lengths[end - 1]) + BATCH_COST for start in starts}
        before[end] = min(whole, key=whole.__getitem__)
        costs[end] = whole[before[end]]
    cuts = []
    while (last := before[last]) > 0:
        cuts.append(last)
    return cuts[::-1]


def _parts(ids: np.ndarray, size: int) -> Iterator[np.ndarray]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


ARRANGEMENTS: Mapping[Batching, Arrange] = {"packed": _packed, "sorted": _sorted, "padded": _padded}

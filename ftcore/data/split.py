"""Holds rows out of the training file, chosen by seed."""

import numpy as np

from ftcore.contract import seeds
from ftcore.data.words import group_starts
from ftcore.errors import DataError


def held_out(
    count: int, fraction: float, seed: int, strata: np.ndarray | None, purpose: str
) -> tuple[np.ndarray, np.ndarray]:
    """Draw examples to hold out.

    Args:
        count: number of examples.
        fraction: the share to hold out.
        seed: the run's seed.
        strata: int [count], classes to keep in proportion, or None; the last example of a class is never held out.
        purpose: the purpose that keys the draw, such as "validation".

    Returns:
        The sorted ids that are kept, int64 [kept], and held out, int64 [held out].

    Raises:
        DataError: one of the two would be empty.
    """
    order = seeds.generator(seed, "held out", purpose).permutation(count)
    wanted = round(count * fraction)
    held = order[:wanted] if strata is None else _stratified(order, np.asarray(strata)[order], wanted, fraction)
    if not 0 < len(held) < count:
        raise DataError(
            f"{purpose}: a fraction of {fraction:g} of {count} rows holds out {len(held)}: "
            "give another fraction, or a file"
        )
    mask = np.zeros(count, dtype=bool)
    mask[held] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


def _stratified(order: np.ndarray, strata: np.ndarray, wanted: int, fraction: float) -> np.ndarray:
    """Return the first examples of each class in `order`; the largest remainder method gives their number."""
    _, classes, counts = np.unique(strata, return_inverse=True, return_counts=True)
    shares = counts * fraction
    taken = np.minimum(np.floor(shares).astype(np.int64), counts - 1)
    by_remainder = np.argsort(taken - shares, kind="stable")
    able = by_remainder[counts[by_remainder] - 1 > taken[by_remainder]]
    taken[able[: max(wanted - int(taken.sum()), 0)]] += 1
    by_class = np.argsort(classes, kind="stable")
    place_in_class = np.empty(len(order), dtype=np.int64)
    place_in_class[by_class] = np.arange(len(order)) - np.repeat(group_starts(counts), counts)
    held: np.ndarray = order[place_in_class < taken[classes]]
    return held

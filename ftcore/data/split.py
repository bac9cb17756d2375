"""Holds rows out of the training file, chosen by seed."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from ftcore.contract import seeds
from ftcore.data.words import group_starts
from ftcore.errors import DataError


def held_out(
    count: int, fraction: float, seed: int, strata: np.ndarray | None, purpose: str, units: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Draw examples to hold out.

    Args:
        count: number of examples.
        fraction: the share to hold out.
        seed: the run's seed.
        strata: int [count], classes to keep in proportion, or None; the last example of a class is never held out.
        purpose: the purpose that keys the draw, such as "validation".
        units: int [count], numbers of units whose examples stay together, or None. A draw of single examples that
            divides no unit is taken as it is; else whole units are held out, as long as that brings the number of
            each class closer to its share.

    Returns:
        The sorted ids that are kept, int64 [kept], and held out, int64 [held out].

    Raises:
        DataError: one of the two would be empty.
    """
    order = seeds.generator(seed, "held out", purpose).permutation(count)
    wanted = round(count * fraction)
    classes = np.zeros(count, np.int64) if strata is None else np.unique(strata, return_inverse=True)[1]
    held = order[:wanted] if strata is None else _stratified(order, classes[order], wanted, fraction)
    if units is not None and divided(held, units):
        held = _whole(order, classes, units, np.bincount(classes[held], minlength=int(classes.max()) + 1))
    if not 0 < len(held) < count:
        way_out = "give another fraction, or a file"
        if units is not None:
            way_out = f"the rows of a group and equal rows stay together: {way_out}, or data.split_duplicates: apart"
        raise DataError(f"{purpose}: a fraction of {fraction:g} of {count} rows holds out {len(held)}: {way_out}")
    mask = np.zeros(count, dtype=bool)
    mask[held] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


def divided(held: np.ndarray, units: np.ndarray) -> int:
    """Return the number of held-out examples whose unit is also on the other side.

    Args:
        held: int [held out], ids.
        units: int [count], the unit of each example.
    """
    sizes, inside = np.bincount(units), np.bincount(units[held], minlength=int(units.max()) + 1)
    return int(inside[(inside > 0) & (inside < sizes)].sum())


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


def _whole(order: np.ndarray, classes: np.ndarray, units: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the ids of whole units, in the order of their first example.

    A unit is held out if that brings the numbers of all classes, summed, closer to the wanted ones, and leaves an
    example of each class.

    Args:
        order: int [count], the drawn order of the ids.
        classes: int [count], the class of each example, from 0.
        units: int [count], the unit of each example.
        wanted: int [classes], how many examples of each class to hold out.
    """
    missing, left = wanted.tolist(), np.bincount(classes).tolist()
    held: list[np.ndarray] = []
    for rows, counts in _in_order(order, classes, units):
        closer = sum(abs(missing[own] - count) - abs(missing[own]) for own, count in counts) < 0
        if closer and all(left[own] > count for own, count in counts):
            held.append(rows)
            for own, count in counts:
                missing[own] -= count
                left[own] -= count
    return np.concatenate(held) if held else np.zeros(0, np.int64)


def _in_order(
    order: np.ndarray, classes: np.ndarray, units: np.ndarray
) -> Iterator[tuple[np.ndarray, list[tuple[int, int]]]]:
    """Yield the ids of each unit, and how many are of each class, in the order of the unit's first id."""
    _, first, own = np.unique(units[order], return_index=True, return_inverse=True)
    by_unit = np.argsort(first[own], kind="stable")
    sizes = np.bincount(own)[np.argsort(first, kind="stable")]
    for rows in np.split(order[by_unit], np.cumsum(sizes)[:-1]):
        counts = Counter(classes[rows].tolist())
        yield rows, list(counts.items())

"""Holds one value per word of some sentences: the targets of a task of words, or a network's outputs."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class WordValues:
    """A value for every word.

    Attributes:
        values: [words, ...], sentence after sentence.
        counts: int [sentences], the number of words of each.
        labels: the names of the codes in order, if the values are codes.
        parts: int [whole sentences], the number of consecutive parts of each; None if no sentence was divided.
    """

    values: np.ndarray
    counts: np.ndarray
    labels: tuple[str, ...] = ()
    parts: np.ndarray | None = None

    def sentences(self) -> list[np.ndarray]:
        """Return the values of each sentence, [words of the sentence, ...]."""
        return np.split(self.values, np.cumsum(self.counts)[:-1])

    def whole(self) -> "WordValues":
        """Return the same values, counted by whole sentences."""
        if self.parts is None:
            return self
        counts = np.add.reduceat(self.counts, group_starts(self.parts))
        return WordValues(self.values, counts, self.labels)


def group_starts(counts: np.ndarray) -> np.ndarray:
    """Return where each of some consecutive groups begins, int64 [n]; counts int [n] are the sizes of the groups."""
    return np.asarray(np.cumsum(counts) - counts, dtype=np.int64)


def ranges(starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return `count` successive integers from each start, concatenated; starts and counts are int [n]; int64 [sum]."""
    within = np.arange(int(counts.sum())) - np.repeat(group_starts(counts), counts)
    return np.asarray(np.repeat(starts, counts) + within, dtype=np.int64)

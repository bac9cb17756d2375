"""Something of every word of some sentences: what a task of words learns, and what a network says of it."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class WordValues:
    """A value for every word.

    Attributes:
        values: [words, ...], one sentence's after another's.
        counts: int [sentences], words of each.
        labels: names of the values in order, where these are codes.
        parts: int [whole sentences], how many that follow each other are one; None where none was divided.
    """

    values: np.ndarray
    counts: np.ndarray
    labels: tuple[str, ...] = ()
    parts: np.ndarray | None = None

    def sentences(self) -> list[np.ndarray]:
        """Return each sentence's values."""
        return np.split(self.values, np.cumsum(self.counts)[:-1])

    def whole(self) -> "WordValues":
        """Return the same words as those of whole sentences."""
        if self.parts is None:
            return self
        counts = np.add.reduceat(self.counts, np.cumsum(self.parts) - self.parts)
        return WordValues(self.values, counts, self.labels)


def ranges(starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the places start, start + 1, ... of each, as many as its count: int64."""
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(np.repeat(starts, counts) + within, dtype=np.int64)

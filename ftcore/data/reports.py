"""Counts what is in a split: rows per label, duplicates, truncated examples and skipped rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ftcore.data.checks import Rejection
from ftcore.data.dataset import CountedDataset
from ftcore.data.words import group_starts


@dataclass(frozen=True)
class SplitReport:
    """The numbers of a split.

    Attributes:
        rows: number of rows; a row can be several examples.
        rejected: the first bad rows of its file; a split held out of train has no file.
        rejected_rows: number of all bad rows.
        truncated: number of examples that max_length truncated.
        tokens: number of tokens, with special tokens; for series the number of steps.
        duplicates: number of rows with the same text, image or sequence as an earlier row.
        per_label: number of rows (in tasks of words: words) of each label; {} if the task has no labels.
        unread_words: words that the network does not see, because max_length cut them off or they have no token.
    """

    rows: int
    rejected: Sequence[Rejection]
    rejected_rows: int
    truncated: int
    tokens: int
    duplicates: int
    per_label: dict[str, int]
    unread_words: int = 0

    def summary(self) -> str:
        """Return one line for the user."""
        parts = [f"{self.rows:,} rows", *([f"{self.tokens:,} tokens"] if self.tokens else [])]
        for count, what in (
            (self.truncated, "cut to max_length"),
            (self.unread_words, "words without a token, which are not predicted"),
            (self.duplicates, "duplicates"),
            (self.rejected_rows, "bad rows left out"),
        ):
            if count:
                parts.append(f"{count:,} {what}")
        return ", ".join(parts)


def report(
    dataset: CountedDataset, labels: Sequence[str], rejected: Sequence[Rejection], rejected_rows: int
) -> SplitReport:
    """Return the numbers of a split.

    Args:
        dataset: its examples.
        labels: the labels in order.
        rejected: the first bad rows of its file.
        rejected_rows: number of all bad rows.
    """
    hashes = row_hashes(dataset)
    return SplitReport(
        rows=len(hashes),
        rejected=rejected,
        rejected_rows=rejected_rows,
        truncated=dataset.truncated,
        tokens=dataset.tokens,
        duplicates=len(hashes) - len(np.unique(hashes)),
        per_label=_per_label(dataset.targets, labels),
        unread_words=dataset.unread_words,
    )


def overlap(one: CountedDataset, other: CountedDataset) -> int:
    """Return the number of rows of `other` whose texts, images or sequences are also in `one`."""
    return int(np.isin(row_hashes(other), row_hashes(one)).sum())


def row_hashes(dataset: CountedDataset) -> np.ndarray:
    """Return uint64 [rows], a hash of each row: that of its first example."""
    parts = dataset.parts
    return dataset.hashes if parts is None else np.asarray(dataset.hashes[group_starts(parts)])


def _per_label(targets: np.ndarray, labels: Sequence[str]) -> dict[str, int]:
    if not labels or not np.isin(targets if targets.ndim == 2 else 0, (0, 1)).all():
        # Numeric targets are not labels, whatever their columns are called.
        return {}
    counts = np.bincount(targets, minlength=len(labels)) if targets.ndim == 1 else targets.sum(axis=0)
    return {label: int(count) for label, count in zip(labels, counts, strict=True)}

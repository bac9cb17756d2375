"""Which sequences share a row: first-fit decreasing into rows of one width."""

from dataclasses import dataclass

import numpy as np

WIDTHS = (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
"""Widths that rows may have, so that few distinct shapes occur in a run."""
ROW_COST = 16
"""What a row costs beside its tokens, in tokens: it keeps short rows from winning by a hair."""


@dataclass(frozen=True)
class Packing:
    """Where each sequence lies.

    Attributes:
        width: of every row.
        rows: number of rows.
        starts: int64 [sequences], the place of each one's first token in the rows laid end to end.
    """

    width: int
    rows: int
    starts: np.ndarray


def pack(lengths: np.ndarray) -> Packing:
    """Pack sequences of these lengths, int [sequences], at the width that needs the least computation.

    Attention within a row costs as much as its width squared, so of the widths that hold the longest sequence
    only the two smallest are tried.
    """
    longest = int(lengths.max())
    wide_enough = [width for width in WIDTHS if width >= longest] or [longest]
    tried = [_first_fit_decreasing(lengths, width) for width in wide_enough[:2]]
    return min(tried, key=lambda packing: packing.rows * (packing.width + ROW_COST))


def _first_fit_decreasing(lengths: np.ndarray, width: int) -> Packing:
    """Put each sequence, the longest first, into the first row that has room (Johnson 1973)."""
    starts = np.empty(len(lengths), dtype=np.int64)
    free: list[int] = []
    for sequence in np.argsort(-lengths, kind="stable").tolist():
        length = int(lengths[sequence])
        row = next((row for row, room in enumerate(free) if room >= length), len(free))
        if row == len(free):
            free.append(width)
        starts[sequence] = row * width + width - free[row]
        free[row] -= length
    return Packing(width, len(free), starts)

"""Which sequences share a row: first-fit decreasing into rows of one width."""

from dataclasses import dataclass

import numpy as np

WIDTHS = (32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192)
"""Widths that rows may have, so that few distinct shapes occur in a run."""
SLOTS = 4
"""Rows have room for a multiple of so many sequences, so that few distinct shapes occur in a run."""
TRIED = 4
"""Of the widths that hold the longest sequence, how many are tried, the smallest first."""
ATTENTION_COST = 1 / 1024
"""What a slot costs more for each slot of its row, of what it costs at all: attention looks at the whole row."""


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
    """Pack sequences of these lengths, int [sequences], at the width that needs the least computation."""
    longest = int(lengths.max())
    wide_enough = [width for width in WIDTHS if width >= longest] or [longest]
    return min((_first_fit_decreasing(lengths, width) for width in wide_enough[:TRIED]), key=_cost)


def _cost(packing: Packing) -> float:
    return packing.rows * packing.width * (1.0 + ATTENTION_COST * packing.width)


def sequences_of_rows(starts: np.ndarray, rows: int, width: int) -> np.ndarray:
    """Return which sequences lie in each row, in order, int32 [rows, slots], filled up with the number of sequences.

    Args:
        starts: int [sequences], the place of each one's first token in the rows laid end to end.
        rows: number of rows.
        width: of every row.
    """
    order = np.argsort(starts)
    row = starts[order] // width
    slot = np.arange(len(starts)) - np.searchsorted(row, row)
    slots = -(-(int(slot.max()) + 1) // SLOTS) * SLOTS
    found = np.full((rows, slots), len(starts), dtype=np.int32)
    found[row, slot] = order
    return found


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

"""Packs sequences into rows of one width by first-fit decreasing."""

from dataclasses import dataclass

import numpy as np

WIDTHS = (32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192)
"""The allowed widths of rows; a short list keeps the number of distinct shapes in a run low."""
SLOTS = 4
"""The number of sequence slots per row is a multiple of this, to keep the number of distinct shapes low."""
TRIED = 4
"""How many of the widths that fit the longest sequence are tried, the smallest first."""
ATTENTION_COST = 1 / 1024
"""The relative extra cost of a slot for each slot in its row, because attention covers the whole row."""


@dataclass(frozen=True)
class Packing:
    """The position of each sequence.

    Attributes:
        width: slots per row.
        rows: number of rows.
        starts: int64 [sequences], the position of each sequence's first token in the concatenated rows.
    """

    width: int
    rows: int
    starts: np.ndarray


def pack(lengths: np.ndarray) -> Packing:
    """Pack sequences of these lengths, int [sequences], at the width with the least computation."""
    longest = int(lengths.max())
    wide_enough = [width for width in WIDTHS if width >= longest] or [longest]
    return min((_first_fit_decreasing(lengths, width) for width in wide_enough[:TRIED]), key=_cost)


def _cost(packing: Packing) -> float:
    return packing.rows * packing.width * (1.0 + ATTENTION_COST * packing.width)


def sequences_of_rows(starts: np.ndarray, rows: int, width: int) -> np.ndarray:
    """Return the sequences of each row, in order, int32 [rows, slots], padded with the number of sequences.

    Args:
        starts: int [sequences], the position of each sequence's first token in the concatenated rows.
        rows: number of rows.
        width: slots per row.
    """
    order = np.argsort(starts)
    row = starts[order] // width
    slot = np.arange(len(starts)) - np.searchsorted(row, row)
    slots = -(-(int(slot.max()) + 1) // SLOTS) * SLOTS
    found = np.full((rows, slots), len(starts), dtype=np.int32)
    found[row, slot] = order
    return found


def _first_fit_decreasing(lengths: np.ndarray, width: int) -> Packing:
    """Put each sequence, the longest first, into the first row with enough room (Johnson 1973)."""
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

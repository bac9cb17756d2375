"""Decides how the lines of a CSV or TSV file are divided into fields, by the file's own evidence."""

import csv
import itertools
import sys
from collections.abc import Sequence
from typing import NamedTuple

from ftcore.data.readers.text_file import TextFile
from ftcore.errors import DataError

AUTO = "auto"
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
"""The delimiters that are looked for, with their names."""
PROBED_LINES = 200
CLEAR = 2
"""A delimiter is clear if it fits this many times as many rows as any other one."""


class Fit(NamedTuple):
    """What the first lines are with one delimiter.

    Attributes:
        delimiter: the delimiter.
        width: number of fields of the first record.
        share: share of the other records that have as many.
    """

    delimiter: str
    width: int
    share: float


def delimiter_of(file: TextFile, usual: str) -> str:
    """Return the delimiter of a file, by its first record and by the rows that follow.

    Args:
        file: the file.
        usual: the delimiter that the file's ending tells.

    Raises:
        DataError: several delimiters divide the first record, and the rows do not tell which is right.
    """
    with file.open() as stream:
        lines = [raw.decode("utf-8", errors="replace") for raw in itertools.islice(stream, PROBED_LINES)]
    fits = [_fit(lines, delimiter) for delimiter in NAMES]
    dividing = [fit for fit in fits if fit.width > 1]
    if not dividing or [fit.delimiter for fit in dividing] == [usual]:
        return usual
    best = max(dividing, key=lambda fit: (fit.share, fit.delimiter == usual))
    others = [fit.share for fit in dividing if fit is not best]
    if best.share >= 1 / CLEAR and all(best.share >= CLEAR * share for share in others):
        return best.delimiter
    listed = " and ".join(f"{fit.width} columns by the {NAMES[fit.delimiter]}" for fit in dividing)
    raise DataError(
        f"{file.name}: the first line has {listed}, and the lines below do not tell which is right: set data.delimiter"
    )


def told(file: TextFile, delimiter: str, usual: str) -> list[str]:
    """Return a note if a delimiter is not the usual one."""
    return [] if delimiter == usual else [f"{file.name}: the delimiter is the {NAMES[delimiter]}, by the first lines"]


def _fit(lines: Sequence[str], delimiter: str) -> Fit:
    """Return how a delimiter fits, by the better of both readings of quotes."""
    csv.field_size_limit(sys.maxsize)
    try:
        quoted = [record for record in csv.reader(lines, delimiter=delimiter) if record]
    except csv.Error:
        quoted = []
    plain = [line.rstrip("\r\n").split(delimiter) for line in lines if line.strip("\r\n")]
    return max((_of_records(delimiter, records) for records in (quoted, plain)), key=lambda fit: fit.share)


def _of_records(delimiter: str, records: Sequence[Sequence[str]]) -> Fit:
    if not records:
        return Fit(delimiter, 0, 0.0)
    first, *rest = (len(record) for record in records)
    return Fit(delimiter, first, sum(width == first for width in rest) / len(rest) if rest else 1.0)

"""What makes examples of rows that pass by, without the cache."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ftcore.data.columns import ColumnRules, Columns
from ftcore.data.dataset import Dataset
from ftcore.data.readers.base import Row
from ftcore.data.sources import Source

Encode = Callable[[Source, Sequence[Row], Columns], tuple[Dataset | None, Mapping[int, str]]]
"""Makes examples of rows that follow each other; rows that cannot become one are named by number, with the reason."""


@dataclass(frozen=True)
class RowEncoder:
    """What makes examples of rows.

    Attributes:
        rules: which columns it reads.
        encode: makes the examples.
    """

    rules: ColumnRules
    encode: Encode

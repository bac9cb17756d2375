"""Describes how rows of a stream become examples, without the cache."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ftcore.data.columns import ColumnRules, Columns
from ftcore.data.dataset import Dataset
from ftcore.data.readers import Row
from ftcore.data.sources import Source

Encode = Callable[[Source, Sequence[Row], Columns], tuple[Dataset | None, Mapping[int, str]]]
"""Makes examples of consecutive rows; also returns, by row number, why a row cannot become an example."""


@dataclass(frozen=True)
class RowEncoder:
    """Encodes rows as examples.

    Attributes:
        rules: which columns are read.
        encode: makes the examples.
    """

    rules: ColumnRules
    encode: Encode

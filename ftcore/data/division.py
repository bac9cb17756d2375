"""Divides the rows of the training file into train, validation and test."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ftcore.data.dataset import CountedDataset
from ftcore.data.files import rows_of
from ftcore.data.reports import row_hashes
from ftcore.data.row_columns import SPLITS, RowFacts
from ftcore.data.split import divided, held_out
from ftcore.data.units import units_of
from ftcore.errors import DataError

VERSION = 2
"""The version of the way of splitting; 1 drew single rows."""


@dataclass(frozen=True)
class Division:
    """How the rows of the training file are divided.

    Attributes:
        fractions: the shares to hold out, by split, in the order in which they are drawn.
        given: the splits that the spec gives, as fractions or files.
        seed: the run's seed.
        together: whether rows with equal content stay on one side.
    """

    fractions: Mapping[str, float]
    given: Collection[str]
    seed: int
    together: bool

    def described(self) -> dict[str, object]:
        """Return the entry of environment.json; {} if no fraction is held out."""
        if not self.fractions:
            return {}
        return {"version": VERSION, "duplicates": "together" if self.together else "apart"}


class Rows:
    """The rows of the training file.

    Args:
        dataset: the examples of all rows.
        strata: int [rows], classes to keep in proportion; None for none.
        facts: what further columns say about the rows.
    """

    def __init__(self, dataset: CountedDataset, strata: np.ndarray | None, facts: RowFacts) -> None:
        self._dataset = dataset
        self._strata = strata
        self._facts = facts
        self._parts = rows_of(dataset)

    def divide(self, division: Division, notify: Callable[[str], None]) -> dict[str, CountedDataset]:
        """Return the examples of each split: "train", and those that the column or the fractions give.

        Raises:
            DataError: a split would be empty, or is given twice.
        """
        found = self._of_column(division)
        rest = found.pop("train", np.arange(len(self._parts)))
        count = len(rest)
        for split, fraction in division.fractions.items():
            kept, held = self._drawn(rest, fraction * count / len(rest), split, division, notify)
            found[split], rest = rest[held], rest[kept]
        found["train"] = rest
        return {split: self._subset(rows) for split, rows in found.items()}

    def _of_column(self, division: Division) -> dict[str, np.ndarray]:
        """Return the rows of each split that the column names; {} without a column."""
        splits = self._facts.splits
        if splits is None:
            return {}
        found = {name: np.flatnonzero(splits == place) for place, name in enumerate(SPLITS)}
        for name in division.given:
            if len(found[name]):
                raise DataError(
                    f"data.{name}: is given, but data.columns.split_column has {len(found[name])} rows of {name} too: "
                    "leave one of them out"
                )
        if not len(found["train"]):
            raise DataError("data.columns.split_column: there is no row of train")
        return {name: rows for name, rows in found.items() if len(rows)}

    def _drawn(
        self, rows: np.ndarray, fraction: float, split: str, division: Division, notify: Callable[[str], None]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the places in `rows` of those that are kept and held out."""
        groups = None if self._facts.groups is None else self._facts.groups[rows]
        equal = self._hashes[rows] if division.together else None
        strata = None if self._strata is None else self._strata[rows]
        found = held_out(len(rows), fraction, division.seed, strata, split, units_of(groups, equal))
        equals = units_of(equal)
        if equals is None:
            return found
        apart = held_out(len(rows), fraction, division.seed, strata, split, units_of(groups))[1]
        if both := divided(apart, equals):
            notify(
                f"{split}: rows with equal content stay on one side (data.split_duplicates); drawn one by one, "
                f"{both:,} of {len(apart):,} rows would have an equal row in train"
            )
        return found

    def _subset(self, rows: np.ndarray) -> CountedDataset:
        if len(rows) == len(self._parts):
            return self._dataset
        row_of = np.repeat(np.arange(len(self._parts)), self._parts)
        return self._dataset.subset(np.flatnonzero(np.isin(row_of, rows)))

    @cached_property
    def _hashes(self) -> np.ndarray:
        return row_hashes(self._dataset)

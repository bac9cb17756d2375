"""Describes how a file's rows become examples."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np

from ftcore.data.checks import Rejection
from ftcore.data.collector import Learnable, TargetCollector
from ftcore.data.columns import ColumnRules
from ftcore.data.table_format import Condition, TableFormat
from ftcore.errors import DataError


class TakesRejections(Protocol):
    """Stores the bad rows of a file."""

    def reject(self, rejection: Rejection) -> None:
        """Append a bad row."""
        ...


@dataclass(frozen=True)
class Collected:
    """What was collected of the rows of a file.

    Attributes:
        labels: the labels in order; [] if there are none.
        targets: as `TargetCollector.finish` gave them: [rows], [rows, outputs] or [words]; [0] if there are none.
        notes: messages for the user about how the file was read.
    """

    labels: list[str]
    targets: np.ndarray
    notes: list[str]


@dataclass(frozen=True)
class Reading:
    """How a file's rows become examples; together with the file's content and the preparer it determines the result.

    Attributes:
        rules: which columns are read.
        target: what is learned; None if targets are not read.
        labels: the labels in order, or None if the file decides them.
        on_bad_row: "stop" or "skip".
        format: how the rows of a file are read.
        where: conditions that the rows must meet.
    """

    rules: ColumnRules
    target: Learnable | None
    labels: Sequence[str] | None
    on_bad_row: str
    format: TableFormat = field(default_factory=TableFormat)
    where: tuple[Condition, ...] = ()

    def collector(self) -> TargetCollector | None:
        """Return the collector of the targets; None if they are not read."""
        return None if self.target is None else self.target.collector(self.labels)

    def finished(self, collector: TargetCollector | None, name: str, notes: Sequence[str] = ()) -> "Collected":
        """Return what was collected of the rows of a file.

        Args:
            collector: took the targets; None if they are not read.
            name: the file, for errors.
            notes: messages for the user about its columns.

        Raises:
            DataError: the values have two meanings.
        """
        if collector is None:
            return Collected([], np.zeros(0, np.int32), list(notes))
        try:
            labels, targets = collector.finish()
        except ValueError as error:
            raise DataError(f"{name}: {error}") from None
        return Collected(labels, targets, [*notes, *collector.notes])

    def reject(self, rejection: Rejection, writer: TakesRejections) -> None:
        """Leave a bad row out.

        Raises:
            DataError: `on_bad_row` is "stop".
        """
        if self.on_bad_row == "stop":
            raise DataError(str(rejection)) from None
        writer.reject(rejection)

    def facts(self) -> dict[str, Any]:
        """Return the part of the cache's key that is the same for all files read this way."""
        return {
            "rules": asdict(self.rules),
            "target": None if self.target is None else {"name": self.target.name, **self.target.facts()},
            "labels": None if self.labels is None else list(self.labels),
            "on_bad_row": self.on_bad_row,
            **self.facts_of_rows(),
        }

    def facts_of_rows(self) -> dict[str, Any]:
        """Return the part of the key that tells which rows a file has, and what their values are."""
        return {
            "reading": self.format.model_dump(exclude_defaults=True),
            "where": [condition.model_dump() for condition in self.where],
        }

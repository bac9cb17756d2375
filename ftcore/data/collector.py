"""Protocols for what reading a file needs of the target: its column and a collector of its values."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ftcore.data.settings import DataSpec


class TargetCollector(Protocol):
    """Gathers the targets of a file, row by row, in compact arrays."""

    @property
    def notes(self) -> Sequence[str]:
        """Messages for the user about how the values were read."""
        ...

    def add(self, value: object) -> None:
        """Take one row's value (None if the file has no targets); raises ValueError with the reason if it is wrong."""
        ...

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the labels in order ([] if there are none) and the targets of all rows.

        Targets are int32 [rows] or float32 [rows, outputs]; for tasks of words int32 [words], row after row.

        Raises:
            ValueError: the values have two meanings.
        """
        ...


class Learnable(Protocol):
    """What reading and splitting files needs to know of a target."""

    @property
    def name(self) -> str:
        """The registered name of the target."""
        ...

    @property
    def column(self) -> str:
        """Ftcore's name of the column that is learned; "" if the target has no column."""
        ...

    @property
    def free_columns(self) -> bool:
        """Whether the files of a run may have different columns."""
        ...

    def configured(self, data: DataSpec) -> "Learnable":
        """Return the target with its fields of a spec's `data` part that decide how rows are read."""
        ...

    def facts(self) -> dict[str, Any]:
        """Return the fields that decide how rows are read, for the cache's key."""
        ...

    def collector(self, labels: Sequence[str] | None) -> TargetCollector:
        """Return a collector; it rejects labels other than the given ones, or without any finds and sorts them."""
        ...

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return int [rows], the classes whose proportions a split keeps, or None; see `Dataset.targets`."""
        ...

    def check_labels(self, labels: Sequence[str], name: str) -> None:
        """Raise DataError if the labels of the file `name` leave nothing to learn."""
        ...

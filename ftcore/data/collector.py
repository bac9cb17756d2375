"""What reading a file needs to know of the target: its column, and what gathers its values."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class TargetCollector(Protocol):
    """Gathers the targets of a file, row by row, in compact arrays."""

    def add(self, value: object) -> None:
        """Take one row's value, None where a file may lack them all; raises ValueError with the reason if wrong."""
        ...

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the labels in order ([] where there are none) and the targets of all rows.

        Targets are int32 [rows] or float32 [rows, outputs]; of words int32 [words], row after row.
        """
        ...


class Learnable(Protocol):
    """A target, as far as reading and splitting files needs it."""

    @property
    def name(self) -> str:
        """The registered name of the target."""
        ...

    @property
    def column(self) -> str:
        """Ftcore's name of the column that is learned; "" where no column is."""
        ...

    @property
    def free_columns(self) -> bool:
        """Whether the files of a run may differ in the columns of their rows."""
        ...

    def collector(self, labels: Sequence[str] | None) -> TargetCollector:
        """Return a collector; with labels given another label is wrong, else they are found and sorted."""
        ...

    def strata(self, targets: np.ndarray) -> np.ndarray | None:
        """Return int [rows]: the classes that a held-out split keeps in proportion; None where there are none."""
        ...

    def check_labels(self, labels: Sequence[str], name: str) -> None:
        """Raise DataError where the labels of the file `name` leave nothing to learn."""
        ...

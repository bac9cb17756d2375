"""Defines the rows and cells of a report's tables."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        text: its text.
        bar: 0 to 100, the length of a bar below it; None for no bar.
        series: index of the bar's colour on the page.
    """

    text: str
    bar: float | None = None
    series: int = 0


@dataclass(frozen=True)
class Line:
    """One row of a table.

    Attributes:
        head: its first cell.
        cells: the others.
        note: small text beside the head.
        differs: whether its cells differ although they should be equal.
    """

    head: str
    cells: tuple[Cell, ...]
    note: str = ""
    differs: bool = False

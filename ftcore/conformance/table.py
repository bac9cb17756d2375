"""Builds the table of the rung `families`, one line per family, for the screen and docs/parity.md."""

import math
from collections.abc import Iterator, Mapping, Sequence

from ftcore.conformance.families import FAMILY_CASES
from ftcore.conformance.quantities import (
    ANSWER_SPAN,
    FORWARD,
    GRADIENTS,
    LANGUAGE_MODEL,
    PACKED,
    ROUND_TRIP,
    STEPS_LOSS,
)
from ftcore.conformance.report import ConformanceRow

PRECISIONS = ("float32", "float64")
QUANTITIES = (FORWARD, LANGUAGE_MODEL, ANSWER_SPAN, GRADIENTS, PACKED, STEPS_LOSS)
HEADER = (
    "family",
    "variants",
    *(f"{quantity} {precision}" for quantity in QUANTITIES for precision in PRECISIONS),
    ROUND_TRIP,
    "verdict",
)
MARK = "(a)"
LEGEND = f"{MARK} transformers computes parts of this family in float32 even in float64: its float64 bounds are wider."


def family_lines(rows: Sequence[ConformanceRow]) -> list[list[str]]:
    """Return the cells of every family that was measured, in the order of the rows."""
    families = dict.fromkeys(row.family for row in rows if row.family)
    return [_line(family, [row for row in rows if row.family == family]) for family in families]


def has_marks(lines: Sequence[Sequence[str]]) -> bool:
    """Return whether a line needs the legend."""
    return any(line[0].endswith(MARK) for line in lines)


def _line(family: str, rows: Sequence[ConformanceRow]) -> list[str]:
    cells = {(row.quantity, row.precision): row for row in rows}
    cases = FAMILY_CASES[family]
    return [
        f"{family}{f' {MARK}' if cases.float32_inside else ''}",
        str(len(cases.every())),
        *_errors(cells),
        _round_trip([row for row in rows if row.quantity == ROUND_TRIP]),
        "passed" if all(row.passed for row in rows) else "FAILED",
    ]


def _errors(cells: Mapping[tuple[str, str], ConformanceRow]) -> Iterator[str]:
    for quantity in QUANTITIES:
        for precision in PRECISIONS:
            row = cells.get((quantity, precision))
            yield "-" if row is None else _error(row)


def _error(row: ConformanceRow) -> str:
    size = f"{row.error:.0e}" if math.isfinite(row.error) else "none"
    return size if row.passed else f"{size} > {row.bound:.0e}"


def _round_trip(rows: Sequence[ConformanceRow]) -> str:
    if not rows:
        return "-"
    return "same bits" if all(row.passed for row in rows) else f"{max(row.error for row in rows):g} differ"

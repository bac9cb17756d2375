"""The table on a screen."""

from collections.abc import Sequence

from ftcore.compare.table import Row
from ftcore.report import numbers


def table_text(rows: Sequence[Row]) -> str:
    """Return the rows as aligned columns: the way, its metric, its time."""
    if not rows:
        return "no metrics: the spec has neither data.test nor data.validation"
    head = ("", f"{rows[0].split} {rows[0].metric}", "time")
    lines = [head, *((_way(row), numbers.metric(row.value), numbers.seconds(row.seconds)) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return "\n".join(f"{way:<{widths[0]}}  {value:>{widths[1]}}  {time:>{widths[2]}}" for way, value, time in lines)


def _way(row: Row) -> str:
    return row.name if row.backend is None else f"{row.name} ({row.backend})"

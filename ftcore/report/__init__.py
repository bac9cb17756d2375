"""HTML reports: one file that opens in a browser, offline."""

from ftcore.report.html import write_report
from ftcore.report.numbers import rate, seconds, size

__all__ = [
    "rate",
    "seconds",
    "size",
    "write_report",
]

"""HTML reports: one file that opens in a browser, offline."""

from ftcore.report.html import write_report

__all__ = ["write_report"]

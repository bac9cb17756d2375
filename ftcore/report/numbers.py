"""Formats numbers for readers."""

import math


def seconds(value: float) -> str:
    """Return "0.42 s", "12.3 s", "4 min 05 s" or "2 h 03 min"."""
    if value < 1:
        return f"{value:.2f} s"
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def size(value: float) -> str:
    """Return bytes as "512 MiB" or "1.25 GiB"."""
    mebibytes = value / 2**20
    return f"{mebibytes:.0f} MiB" if mebibytes < 1024 else f"{mebibytes / 1024:.2f} GiB"


def rate(value: float) -> str:
    """Return a rate as "12.3" below 100, and as "12,345" above."""
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def share(value: float) -> str:
    """Return a ratio as "0.46"."""
    return f"{value:.2f}"


def metric(value: float) -> str:
    """Return a metric with four decimals, or four digits if it is large."""
    return f"{value:.4f}" if abs(value) < 1000 else f"{value:.4g}"


def apart(value: float | None) -> str:
    """Return a difference as "3.1e-07"; None means an infinite one."""
    if value is None or not math.isfinite(value):
        return "without limit"
    return "0" if value == 0 else f"{value:.1e}"

"""Converts the values of typed formats to those that JSON has."""

import datetime
import decimal
from typing import Any


def plain(value: Any) -> Any:
    """Return a value as JSON has it: decimals as numbers, and dates and times in ISO 8601; others are kept.

    A decimal is an integer if it is integral, else the nearest float.
    """
    if isinstance(value, decimal.Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return value

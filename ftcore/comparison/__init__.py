"""Compares runs of one spec on several backends: whether they agree, their speed, and the gain over baselines."""

from ftcore.comparison.checks import short
from ftcore.comparison.comparison import Comparison, Pair
from ftcore.comparison.curves import curve_difference, relative_difference
from ftcore.comparison.records import Record, read_record
from ftcore.comparison.table import MethodResult
from ftcore.comparison.workflow import compare

__all__ = [
    "Comparison",
    "MethodResult",
    "Pair",
    "Record",
    "compare",
    "curve_difference",
    "read_record",
    "relative_difference",
    "short",
]

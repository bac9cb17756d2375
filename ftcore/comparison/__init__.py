"""The same spec on several backends: do they compute the same run, how fast, and what fine-tuning bought."""

from ftcore.comparison.comparison import Comparison, Pair
from ftcore.comparison.table import Row
from ftcore.comparison.workflow import compare

__all__ = ["Comparison", "Pair", "Row", "compare"]

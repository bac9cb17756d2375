"""The same spec on several backends: do they compute the same run, how fast, and what fine-tuning bought."""

from ftcore.compare.comparison import Comparison, Pair
from ftcore.compare.table import Row
from ftcore.compare.workflow import compare

__all__ = ["Comparison", "Pair", "Row", "compare"]

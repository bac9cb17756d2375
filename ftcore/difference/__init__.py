"""Finds where two networks differ, from the hidden states and gradients of each block on one batch."""

from ftcore.difference.measuring import PlaceDifference
from ftcore.difference.result import Difference, value_summary
from ftcore.difference.workflow import diff

__all__ = [
    "Difference",
    "PlaceDifference",
    "diff",
    "value_summary",
]

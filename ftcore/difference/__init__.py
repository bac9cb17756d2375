"""Where two networks part: block by block, the hidden states and gradients of one batch."""

from ftcore.difference.measuring import PlaceDifference
from ftcore.difference.result import Difference, value_summary
from ftcore.difference.workflow import diff

__all__ = [
    "Difference",
    "PlaceDifference",
    "diff",
    "value_summary",
]

"""Where two networks part: block by block, the hidden states and gradients of one batch."""

from ftcore.difference.result import Difference
from ftcore.difference.workflow import diff

__all__ = ["Difference", "diff"]

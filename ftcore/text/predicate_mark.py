"""Defines how a predicate is marked for a network."""

from typing import Literal, get_args

PredicateMark = Literal["markers", "segment"]
"""Added tokens before and after the predicate's tokens, or token type 1 at these tokens."""
PREDICATE_MARKS: tuple[PredicateMark, ...] = get_args(PredicateMark)
MARKERS = ("[PREDICATE]", "[/PREDICATE]")
"""The tokens before and after a predicate."""

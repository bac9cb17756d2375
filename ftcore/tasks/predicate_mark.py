"""How a network is told which word of a sentence is the predicate."""

from typing import Literal, get_args

PredicateMark = Literal["segment", "markers"]
"""By token type 1 at the predicate's tokens, or by an added token before and after them."""
PREDICATE_MARKS: tuple[PredicateMark, ...] = get_args(PredicateMark)
MARKERS = ("[PREDICATE]", "[/PREDICATE]")
"""The tokens before and after a predicate."""

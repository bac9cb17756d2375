"""How a network is told which word of a sentence is the predicate."""

from typing import Literal, get_args

PredicateMark = Literal["markers", "segment"]
"""By an added token before and after the predicate's tokens, or by token type 1 at these."""
PREDICATE_MARKS: tuple[PredicateMark, ...] = get_args(PredicateMark)
MARKERS = ("[PREDICATE]", "[/PREDICATE]")
"""The tokens before and after a predicate."""

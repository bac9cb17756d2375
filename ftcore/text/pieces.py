"""Parts of a text, of which some are learned."""

from typing import NamedTuple


class Piece(NamedTuple):
    """A part of a text.

    Attributes:
        text: it.
        learned: whether its tokens are in the loss.
    """

    text: str
    learned: bool

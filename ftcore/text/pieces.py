"""Defines the pieces of a text, some of which are learned."""

from typing import NamedTuple


class Piece(NamedTuple):
    """A piece of a text.

    Attributes:
        text: the text of the piece.
        learned: whether its tokens count in the loss.
    """

    text: str
    learned: bool

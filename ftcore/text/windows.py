"""Long sentences in windows that overlap: each word is read from the window where it has the most around it."""

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Window(NamedTuple):
    """Some tokens of a sentence, and which of its words are the window's own.

    Attributes:
        begin, end: the tokens.
        first_word, behind: the own words: in no other window are they learned or predicted.
    """

    begin: int
    end: int
    first_word: int
    behind: int


def windows(words: Sequence[int], count: int, room: int, overlap: int) -> list[Window]:
    """Divide a sentence, at words.

    A window begins with the last words of the one before, as many as fit in `overlap` tokens and leave room for the
    next word. A word that two windows have belongs to the one where the shorter of its two sides is longer: of the
    words that are shared, the first half to the first window. A word alone may be longer than a window.

    Args:
        words: the place of each token's word, ascending.
        count: number of the sentence's words, those without a token among them.
        room: the most tokens of a window.
        overlap: the most tokens that a window shares with the one before; less than `room`.
    """
    if len(words) <= room:
        return [Window(0, len(words), 0, count)]
    begins = [place for place, word in enumerate(words) if place == 0 or word != words[place - 1]]
    ends = [*begins[1:], len(words)]
    spans = list(_spans(begins, ends, room, overlap))
    cuts = [0, *(words[begins[_cut(begins, ends, *pair)]] for pair in itertools.pairwise(spans)), count]
    own = zip(spans, cuts, cuts[1:], strict=False)
    return [Window(begins[first], ends[last - 1], word, behind) for (first, last), word, behind in own if word < behind]


Span = tuple[int, int]
"""The first word with a token of a window, and the one behind its last."""


def _spans(begins: Sequence[int], ends: Sequence[int], room: int, overlap: int) -> Iterator[Span]:
    first = behind = 0
    while behind < len(ends):
        behind = max(bisect_right(ends, begins[first] + room), first + 1)
        yield first, behind
        if behind < len(ends):
            earliest = max(ends[behind - 1] - overlap, ends[behind] - room)
            first = min(max(bisect_left(begins, earliest), first + 1), behind)


def _cut(begins: Sequence[int], ends: Sequence[int], one: Span, other: Span) -> int:
    """Return the first word that belongs to the other of two windows that follow each other."""
    shared = range(other[0], one[1])
    behind, before = ends[one[1] - 1], begins[other[0]]
    return next((word for word in shared if behind - ends[word] < begins[word] - before), one[1])

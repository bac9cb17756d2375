"""Divides long sentences into overlapping windows and assigns each word to the window with the most context."""

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Window(NamedTuple):
    """Some tokens of a sentence, and the words that belong to this window.

    Attributes:
        begin, end: the range of tokens.
        first_word, behind: the range of its own words, which are learned and predicted only in this window.
    """

    begin: int
    end: int
    first_word: int
    behind: int


def windows(words: Sequence[int], count: int, room: int, overlap: int) -> list[Window]:
    """Divide a sentence at word boundaries.

    A window begins with the last words of the previous one, as many as fit in `overlap` tokens and leave room for the
    next word. A shared word belongs to the window in which its shorter side of context is longer: the first half of
    the shared words to the first window. A single word may be longer than a window.

    Args:
        words: the index of each token's word, ascending.
        count: the number of the sentence's words, including those without a token.
        room: the maximum tokens of a window.
        overlap: the maximum tokens that a window shares with the previous one; less than `room`.
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
"""The first word with a token in a window, and the word after its last one."""


def _spans(begins: Sequence[int], ends: Sequence[int], room: int, overlap: int) -> Iterator[Span]:
    first = behind = 0
    while behind < len(ends):
        behind = max(bisect_right(ends, begins[first] + room), first + 1)
        yield first, behind
        if behind < len(ends):
            earliest = max(ends[behind - 1] - overlap, ends[behind] - room)
            first = min(max(bisect_left(begins, earliest), first + 1), behind)


def _cut(begins: Sequence[int], ends: Sequence[int], one: Span, other: Span) -> int:
    """Return the first word that belongs to the second of two consecutive windows."""
    shared = range(other[0], one[1])
    behind, before = ends[one[1] - 1], begins[other[0]]
    return next((word for word in shared if behind - ends[word] < begins[word] - before), one[1])

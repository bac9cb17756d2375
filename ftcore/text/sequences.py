"""Puts the tokens of texts and special tokens together to sequences of a maximum length."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ftcore.errors import ModelError

if TYPE_CHECKING:
    import tokenizers

PROBE = "a"
"""A text whose encoding shows the positions of special tokens."""


@dataclass(frozen=True)
class EncodedChunk:
    """Some texts as tokens, with special tokens.

    Attributes:
        ids: int32 [tokens], all sequences concatenated.
        type_ids: uint8 [tokens].
        lengths: int32 [sequences].
        truncated: bool [sequences], whether the sequence was truncated to the maximum length.
        words: int32 [tokens], the index of each token's word in its sentence, -1 for special tokens; None if texts
            are not given as words.
        word_counts: int32 [sequences], the number of words of each; None if texts are not given as words.
        windows: int64 [sentences], the number of sequences of each sentence; None if none was divided.
    """

    ids: np.ndarray
    type_ids: np.ndarray
    lengths: np.ndarray
    truncated: np.ndarray
    words: np.ndarray | None = None
    word_counts: np.ndarray | None = None
    windows: np.ndarray | None = None


class Piece(NamedTuple):
    """A piece of an encoded sequence's layout: special tokens, or the tokens of a text.

    Attributes:
        text: 0 or 1 for a text, None for special tokens.
        ids: the ids of the special tokens.
        type_id: the token type of all tokens of the piece.
    """

    text: int | None
    ids: tuple[int, ...]
    type_id: int


class ChunkBuilder:
    """Collects sequences with their special tokens.

    Args:
        layout: the pieces of each sequence.
        room: the most tokens of its texts.
        of_words: whether texts are given as words.
        cuts_begin: whether a long text loses its first tokens, not its last.
    """

    def __init__(self, layout: Sequence[Piece], room: int, of_words: bool, cuts_begin: bool) -> None:
        self._layout = layout
        self._room = room
        self._cuts_begin = cuts_begin
        self._ids, self._lengths = array("i"), array("i")
        self._words = array("i") if of_words else None
        self._type_ids, self._truncated = array("B"), array("B")

    def add(self, texts: Sequence[list[int]], words: Sequence[int] = ()) -> None:
        """Append a sequence of these texts' ids; `words` are the indices of one text's words."""
        kept = _kept([len(text) for text in texts], self._room)
        before = len(self._ids)
        for piece in self._layout:
            part = piece.ids if piece.text is None else self._cut(texts[piece.text], kept[piece.text])
            self._ids.extend(part)
            self._type_ids.frombytes(bytes([piece.type_id]) * len(part))
            if self._words is not None:
                self._words.extend([-1] * len(part) if piece.text is None else self._cut(words, len(part)))
        self._lengths.append(len(self._ids) - before)
        self._truncated.append(sum(kept) < sum(map(len, texts)))

    def _cut(self, values: Sequence[int], kept: int) -> Sequence[int]:
        return values[len(values) - kept :] if self._cuts_begin else values[:kept]

    def finished(self) -> EncodedChunk:
        """Return all added sequences."""
        return EncodedChunk(
            np.asarray(self._ids, np.int32),
            np.asarray(self._type_ids, np.uint8),
            np.asarray(self._lengths, np.int32),
            np.asarray(self._truncated, np.bool_),
            words=None if self._words is None else np.asarray(self._words, np.int32),
        )


def _kept(lengths: Sequence[int], room: int) -> list[int]:
    """Return how many tokens of each text are kept: the longer is truncated first, to the other's length."""
    if sum(lengths) <= room:
        return list(lengths)
    if len(lengths) == 1:
        return [room]
    shorter = min(lengths)
    if 2 * shorter >= room:
        # an odd token goes to the longer text, or to the second if both are equally long
        odd = [0, room % 2] if lengths[1] >= lengths[0] else [room % 2, 0]
        return [room // 2 + extra for extra in odd]
    return [room - shorter if length > shorter else shorter for length in lengths]


def layout_of(tokenizer: "tokenizers.Tokenizer", texts: int, token_types: bool) -> list[Piece]:
    """Find the positions of a sequence's special tokens from an example; without token types, all are 0."""
    encoding = tokenizer.encode(PROBE, PROBE if texts == 2 else None)
    pieces: list[Piece] = []
    types = encoding.type_ids if token_types else [0] * len(encoding.ids)
    for token, type_id, text in zip(encoding.ids, types, encoding.sequence_ids, strict=True):
        if text is None:
            pieces.append(Piece(None, (token,), type_id))
        elif not pieces or pieces[-1].text != text:
            pieces.append(Piece(text, (), type_id))
    if sorted(piece.text for piece in pieces if piece.text is not None) != list(range(texts)):
        raise ModelError(f"gives no tokens for the text {PROBE!r}: its layout of special tokens is not known")
    return pieces

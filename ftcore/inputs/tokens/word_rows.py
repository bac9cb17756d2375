"""Encodes rows of sentences given as words as tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ftcore.data import Columns, check_tags, predicate_of, words_of
from ftcore.text import EncodedChunk, Tokenizer


@dataclass(frozen=True)
class WordRows:
    """Sentences given as words.

    Attributes:
        tokenizer: the model's tokenizer.
        overlap: the maximum overlap in tokens of the windows of a long sentence; None to truncate it.
    """

    tokenizer: Tokenizer
    overlap: int | None = None
    of_words: bool = True

    def sequences(self, columns: Columns) -> int:
        """Return 1."""
        return 1

    def read(self, values: Mapping[str, object], columns: Columns) -> tuple[str, ...]:
        """Return a row's words; raises ValueError with the reason if they are wrong."""
        return words_of(values, columns)

    def check_target(self, item: tuple[str, ...], target: object) -> None:
        """Raise ValueError unless there is one tag for each word."""
        check_tags(item, target)

    def content(self, item: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words."""
        return item

    def encode(self, items: Sequence[tuple[str, ...]]) -> EncodedChunk:
        """Return the tokens of consecutive sentences."""
        if self.overlap is not None:
            return self.tokenizer.encode_windows(items, self.overlap)
        return self.tokenizer.encode_words(items)

    def facts(self) -> dict[str, Any]:
        """Return what the tokens depend on, besides the tokenizer and the reading."""
        return {"overlap": self.overlap}


class Clause(NamedTuple):
    """A sentence given as words, with its predicate.

    Attributes:
        words: the words of the sentence.
        predicate: the index of the predicate among the words, from 0.
    """

    words: tuple[str, ...]
    predicate: int


@dataclass(frozen=True)
class ClauseRows:
    """Sentences given as words, each with a predicate.

    Attributes:
        tokenizer: the model's tokenizer, which marks the predicate.
    """

    tokenizer: Tokenizer
    of_words: bool = True

    def sequences(self, columns: Columns) -> int:
        """Return 1."""
        return 1

    def read(self, values: Mapping[str, object], columns: Columns) -> Clause:
        """Return a row's words and predicate; raises ValueError with the reason if they are wrong."""
        words = words_of(values, columns)
        return Clause(words, predicate_of(values, columns, words))

    def check_target(self, item: Clause, target: object) -> None:
        """Raise ValueError unless there is one tag for each word."""
        check_tags(item.words, target)

    def content(self, item: Clause) -> tuple[str, ...]:
        """Return the words and the predicate's index."""
        return (*item.words, str(item.predicate))

    def encode(self, items: Sequence[Clause]) -> EncodedChunk:
        """Return the tokens of consecutive sentences."""
        return self.tokenizer.encode_words([item.words for item in items], [item.predicate for item in items])

    def facts(self) -> dict[str, Any]:
        """Return nothing: the tokenizer's fingerprint includes how predicates are marked."""
        return {}

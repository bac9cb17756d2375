"""Encodes a row's texts as the token ids of one or more examples."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from ftcore.data import REFERENCES, SOURCE, TARGET, TEXT
from ftcore.inputs.language.rows import RowTexts
from ftcore.text import Tokenizer

NO_TOKENS = "the text has no tokens"
NO_ROOM = "the prompt has {} tokens, which leaves no room for the answer within data.max_length, {}"


class Example(NamedTuple):
    """Token ids of an example.

    Attributes:
        sequences: one sequence of ids; for an encoder-decoder those of source and target.
        learned: for each token of the sequences, whether it is learned.
        truncated: whether the example was truncated.
        references: the reference texts for a generated text.
    """

    sequences: tuple[list[int], ...]
    learned: list[bool]
    truncated: bool
    references: Sequence[str] = ()


Encoded = list[Example] | str
"""The examples of a row, or the reason why there are none."""


Encode = Callable[[Sequence[RowTexts]], Iterator[Encoded]]


class Encoder(Protocol):
    """Makes examples for one kind of model.

    Attributes:
        sequences: number of sequences per example.
    """

    @property
    def sequences(self) -> int:
        """Return the number of sequences per example."""
        ...

    @property
    def fingerprint(self) -> str:
        """Return a hash of everything that determines the encoding."""
        ...

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield the examples to learn from each row."""
        ...

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield the prompt of each row, from which text is generated."""
        ...


@dataclass(frozen=True)
class TextEncoder:
    """Encodes plain texts for a causal language model; a text beyond max_length becomes several examples.

    Attributes:
        tokenizer: the model's tokenizer; the special tokens that it puts before a text are not learned.
        end: id of the token that ends a text, which is learned; or None.
    """

    tokenizer: Tokenizer
    end: int | None
    sequences: int = 1

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything that determines the encoding."""
        return hashed("text", self.tokenizer.fingerprint, self.end)

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield the examples of each row's text."""
        (before, _), end = self.tokenizer.around(), [] if self.end is None else [self.end]
        room = self.tokenizer.max_length - len(before)
        for ids in self.tokenizer.plain([row[TEXT] for row in rows]):
            parts = _parts([*ids, *end], room) if ids else []
            yield [_surrounded(before, part, []) for part in parts] or NO_TOKENS

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield each row's text as a prompt, which generation continues."""
        before, _ = self.tokenizer.around()
        for ids in self.tokenizer.plain([row[TEXT] for row in rows]):
            yield prompt_example([*before, *ids], self.tokenizer.max_length)


@dataclass(frozen=True)
class MaskedTextEncoder:
    """Encodes plain texts for a masked language model; a text beyond max_length becomes several examples.

    Attributes:
        tokenizer: the model's tokenizer; the special tokens that it puts around a text are never masked.
    """

    tokenizer: Tokenizer
    sequences: int = 1

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything that determines the encoding."""
        return hashed("masked text", self.tokenizer.fingerprint)

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield the examples of each row's text."""
        before, after = self.tokenizer.around()
        room = self.tokenizer.room
        for ids in self.tokenizer.plain([row[TEXT] for row in rows]):
            yield [_surrounded(before, part, after) for part in _parts(ids, room)] or NO_TOKENS

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Raise TypeError: such a model generates no texts."""
        raise TypeError("a masked language model generates no texts")


@dataclass(frozen=True)
class PairEncoder:
    """Encodes a source and a target text for an encoder-decoder.

    Attributes:
        source, target: their tokenizers.
        prefix: text put before every source text.
        start: id of the token that a decoder starts with.
    """

    source: Tokenizer
    target: Tokenizer
    prefix: str
    start: int
    sequences: int = 2

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything that determines the encoding."""
        return hashed("pair", self.source.fingerprint, self.target.fingerprint, self.prefix, self.start)

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield the example of each row, of which the target is learned."""
        sources, targets = self._sources(rows), _cut(self.target, [row[TARGET] for row in rows])
        for row, (source, cut), (target, cut_target) in zip(rows, sources, targets, strict=True):
            # The decoder always gets the start token first, even if the tokenizer puts it there too.
            wanted = target[1:] if target[0] == self.start else target
            learned = [False] * len(source) + [True] * len(wanted)
            yield [Example((source, wanted), learned, cut or cut_target, row.get(REFERENCES, [row[TARGET]]))]

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield each row's source."""
        for source, cut in self._sources(rows):
            yield [Example((source, []), [False] * len(source), cut)]

    def _sources(self, rows: Sequence[RowTexts]) -> Iterator[tuple[list[int], bool]]:
        return _cut(self.source, [self.prefix + row[SOURCE] for row in rows])


def _parts(ids: list[int], size: int) -> list[list[int]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def _surrounded(before: list[int], ids: list[int], after: list[int]) -> Example:
    learned = [False] * len(before) + [True] * len(ids) + [False] * len(after)
    return Example(([*before, *ids, *after],), learned, False)


def prompt_example(ids: list[int], most: int) -> Encoded:
    """Return a prompt as an example; it must leave room for at least one more token."""
    if len(ids) >= most:
        return NO_ROOM.format(len(ids), most)
    return [Example((ids,), [False] * len(ids), False)]


def _cut(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[tuple[list[int], bool]]:
    """Yield each text's ids with special tokens, and whether it was truncated."""
    chunk, start = tokenizer.encode(texts), 0
    for length, cut in zip(chunk.lengths.tolist(), chunk.truncated.tolist(), strict=True):
        yield chunk.ids[start : start + length].tolist(), cut
        start += length


def hashed(*parts: Any) -> str:
    """Return a hash of JSON-compatible values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

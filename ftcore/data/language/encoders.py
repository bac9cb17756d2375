"""From a row's texts to the token ids of one or more examples."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from ftcore.data.language.chat import ChatTemplate
from ftcore.data.language.pieces import Piece
from ftcore.data.language.rows import ASSISTANT, CONTENT, ROLE, RowTexts
from ftcore.data.tokenizer import Tokenizer
from ftcore.errors import ModelError
from ftcore.tasks.forms import COMPLETION, MESSAGES, PROMPT, REFERENCES, SOURCE, TARGET, TEXT

NO_TOKENS = "the text has no tokens"
NO_ROOM = "the prompt has {} tokens, which leaves no room for the answer in data.max_length, {}"


class Example(NamedTuple):
    """Token ids of an example.

    Attributes:
        sequences: of an encoder-decoder the source's ids and the target's; else one.
        learned: of every token of the sequences, whether it is learned.
        truncated: whether something was cut off.
        references: texts that are right where this one is generated.
    """

    sequences: tuple[list[int], ...]
    learned: list[bool]
    truncated: bool
    references: Sequence[str] = ()


Encoded = list[Example] | str
"""The examples of a row, or the reason why it has none."""


Encode = Callable[[Sequence[RowTexts]], Iterator[Encoded]]


class Encoder(Protocol):
    """Makes examples for one kind of model.

    Attributes:
        sequences: of an example.
    """

    @property
    def sequences(self) -> int:
        """Return the sequences of an example."""
        ...

    @property
    def fingerprint(self) -> str:
        """Return a hash of all that decides what it gives."""
        ...

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Give what is learned of each row."""
        ...

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Give what each row's text is generated from."""
        ...


@dataclass(frozen=True)
class TextEncoder:
    """Plain texts for a model that predicts the next token; one beyond max_length becomes several examples.

    Attributes:
        tokenizer: gives the special tokens before a text, which are not learned.
        end: id of the token that ends a text, which is; or None.
    """

    tokenizer: Tokenizer
    end: int | None
    sequences: int = 1

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that decides what it gives."""
        return _hashed("text", self.tokenizer.fingerprint, self.end)

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Give the examples of each row's text."""
        (before, _), end = self.tokenizer.around(), [] if self.end is None else [self.end]
        for ids in self.tokenizer.plain([row[TEXT] for row in rows]):
            parts = _parts([*ids, *end], self.tokenizer.max_length - len(before)) if ids else []
            yield [_surrounded(before, part, []) for part in parts] or NO_TOKENS

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Give each row's text, to be gone on with."""
        before, _ = self.tokenizer.around()
        for ids in self.tokenizer.plain([row[TEXT] for row in rows]):
            yield _prompt([*before, *ids], self.tokenizer.max_length)


@dataclass(frozen=True)
class MaskedTextEncoder:
    """Plain texts for a model that predicts masked tokens; one beyond max_length becomes several examples.

    Attributes:
        tokenizer: gives the special tokens around a text, which are never masked.
    """

    tokenizer: Tokenizer
    sequences: int = 1

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that decides what it gives."""
        return _hashed("masked text", self.tokenizer.fingerprint)

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Give the examples of each row's text."""
        before, after = self.tokenizer.around()
        room = self.tokenizer.max_length - len(before) - len(after)
        for ids in self.tokenizer.plain([row[TEXT] for row in rows]):
            yield [_surrounded(before, part, after) for part in _parts(ids, room)] or NO_TOKENS

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Raise TypeError: such a model generates no texts."""
        raise TypeError("a masked language model generates no texts")


@dataclass(frozen=True)
class AnswerEncoder:
    """Prompts with answers for a model of one sequence; what is beyond max_length is cut off.

    Attributes:
        tokenizer: gives the special tokens before a prompt.
        end: id of the token that ends an answer.
        separator: between a prompt and its completion.
        template: of messages; None where they are not read.
    """

    tokenizer: Tokenizer
    end: int | None
    separator: str
    template: ChatTemplate | None
    sequences: int = 1

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that decides what it gives."""
        template = None if self.template is None else [self.template.source, dict(self.template.tokens)]
        return _hashed("answer", self.tokenizer.fingerprint, self.end, self.separator, template)

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Give the example of each row, whose answers alone are learned."""
        pieces = [self._pieces(row) for row in rows]
        flat = [piece.text for row in pieces if not isinstance(row, str) for piece in row]
        ids = iter(self.tokenizer.plain(flat))
        for row, found in zip(rows, pieces, strict=True):
            yield found if isinstance(found, str) else self._example(row, [(piece, next(ids)) for piece in found])

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Give each row's prompt."""
        for row in rows:
            try:
                text = self._prompt_text(row)
            except ValueError as error:
                yield str(error)
                continue
            (ids,) = self.tokenizer.plain([text])
            yield _prompt([*self._before(row), *ids], self.tokenizer.max_length)

    def _pieces(self, row: RowTexts) -> list[Piece] | str:
        if MESSAGES not in row:
            return [Piece(row[PROMPT] + self.separator, False), Piece(row[COMPLETION], True)]
        try:
            return self._chat.pieces(row[MESSAGES])
        except ValueError as error:
            return str(error)

    def _prompt_text(self, row: RowTexts) -> str:
        if MESSAGES not in row:
            return str(row[PROMPT]) + self.separator
        messages = row[MESSAGES]
        return self._chat.prompt(messages[:-1] if messages[-1][ROLE] == ASSISTANT else messages)

    @property
    def _chat(self) -> ChatTemplate:
        if self.template is None:
            raise ModelError("the tokenizer has no chat template, which messages need: give prompt and completion")
        return self.template

    def _before(self, row: RowTexts) -> list[int]:
        """Return the special tokens before a prompt; a chat template writes its own."""
        return [] if MESSAGES in row else self.tokenizer.around()[0]

    def _example(self, row: RowTexts, parts: Sequence[tuple[Piece, list[int]]]) -> Encoded:
        ids, most = self._before(row), self.tokenizer.max_length
        learned = [False] * len(ids)
        for piece, of_piece in parts:
            ids = [*ids, *of_piece]
            learned += [piece.learned] * len(of_piece)
        if MESSAGES not in row and self.end is not None:
            ids, learned = [*ids, self.end], [*learned, True]
        if not any(learned[:most]):
            return NO_ROOM.format(learned.index(True) if True in learned else len(ids), most)
        return [Example((ids[:most],), learned[:most], len(ids) > most, [_answer(row)])]


@dataclass(frozen=True)
class PairEncoder:
    """A source and a target text for an encoder-decoder.

    Attributes:
        source, target: their tokenizers.
        prefix: put before every source text.
        start: id of the token that a decoder starts with.
    """

    source: Tokenizer
    target: Tokenizer
    prefix: str
    start: int
    sequences: int = 2

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that decides what it gives."""
        return _hashed("pair", self.source.fingerprint, self.target.fingerprint, self.prefix, self.start)

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Give the example of each row, whose target is learned."""
        sources, targets = self._sources(rows), _cut(self.target, [row[TARGET] for row in rows])
        for row, (source, cut), (target, cut_target) in zip(rows, sources, targets, strict=True):
            # The decoder is given the start token first whatever the tokenizer puts there.
            wanted = target[1:] if target[0] == self.start else target
            learned = [False] * len(source) + [True] * len(wanted)
            yield [Example((source, wanted), learned, cut or cut_target, row.get(REFERENCES, [row[TARGET]]))]

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Give each row's source."""
        for source, cut in self._sources(rows):
            yield [Example((source, []), [False] * len(source), cut)]

    def _sources(self, rows: Sequence[RowTexts]) -> Iterator[tuple[list[int], bool]]:
        return _cut(self.source, [self.prefix + row[SOURCE] for row in rows])


def _parts(ids: list[int], size: int) -> list[list[int]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def _surrounded(before: list[int], ids: list[int], after: list[int]) -> Example:
    learned = [False] * len(before) + [True] * len(ids) + [False] * len(after)
    return Example(([*before, *ids, *after],), learned, False)


def _answer(row: RowTexts) -> str:
    if MESSAGES not in row:
        return str(row[COMPLETION])
    return str(next(message[CONTENT] for message in reversed(row[MESSAGES]) if message[ROLE] == ASSISTANT))


def _prompt(ids: list[int], most: int) -> Encoded:
    """Return a prompt as an example; at least one token must be left for what follows."""
    if len(ids) >= most:
        return NO_ROOM.format(len(ids), most)
    return [Example((ids,), [False] * len(ids), False)]


def _cut(tokenizer: Tokenizer, texts: Sequence[str]) -> Iterator[tuple[list[int], bool]]:
    """Give each text's ids with special tokens, and whether it was cut to the longest length."""
    chunk, start = tokenizer.encode(texts), 0
    for length, cut in zip(chunk.lengths.tolist(), chunk.truncated.tolist(), strict=True):
        yield chunk.ids[start : start + length].tolist(), cut
        start += length


def _hashed(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

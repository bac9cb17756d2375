"""Encodes prompts with answers, of which only the answers are learned."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ftcore.data import COMPLETION, MESSAGES, PROMPT, PROMPT_INPUT
from ftcore.inputs.language.encoders import NO_ROOM, Encoded, Example, hashed, prompt_example
from ftcore.inputs.language.rows import RowTexts
from ftcore.text import ASSISTANT, CONTENT, ROLE, ChatTemplate, Piece, Tokenizer, read_chat_template, template_text

PROBE = "a"
"""A text that shows what a template puts behind an answer."""


@dataclass(frozen=True)
class CompletionEncoder:
    """Encodes a prompt and its completion, tokenised separately and truncated to max_length.

    Attributes:
        tokenizer: the model's tokenizer, which adds the special tokens before a prompt.
        end: id of the token that ends an answer.
        separator: the text between a prompt and its completion.
    """

    tokenizer: Tokenizer
    end: int
    separator: str

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield the example of each row, of which only the completion is learned."""
        before, most = self.tokenizer.around()[0], self.tokenizer.max_length
        prompts = self.tokenizer.plain([self._prompt(row) for row in rows])
        completions = self.tokenizer.plain([row[COMPLETION] for row in rows])
        for row, prompt, completion in zip(rows, prompts, completions, strict=True):
            given, answer = [*before, *prompt], [*completion, self.end]
            if len(given) >= most:
                yield NO_ROOM.format(len(given), most)
                continue
            ids, learned = [*given, *answer], [False] * len(given) + [True] * len(answer)
            yield [Example((ids[:most],), learned[:most], len(ids) > most, [row[COMPLETION]])]

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield each row's prompt."""
        before, _ = self.tokenizer.around()
        for ids in self.tokenizer.plain([self._prompt(row) for row in rows]):
            yield prompt_example([*before, *ids], self.tokenizer.max_length)

    def _prompt(self, row: RowTexts) -> str:
        """Return a row's prompt, and its input if it has one, each with the separator behind it."""
        parts = (row[PROMPT], row.get(PROMPT_INPUT, ""))
        return "".join(f"{part}{self.separator}" for part in parts if part)


@dataclass(frozen=True)
class MessagesEncoder:
    """Encodes a conversation, rendered and tokenised as a whole and truncated to max_length.

    Attributes:
        tokenizer: tokenises the rendered text, without adding special tokens.
        template: renders messages.
    """

    tokenizer: Tokenizer
    template: ChatTemplate

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield the example of each row, of which only the assistant's answers are learned."""
        for row in rows:
            try:
                pieces = self.template.pieces(row[MESSAGES])
            except ValueError as error:
                yield str(error)
                continue
            yield self._example(row, pieces)

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield the conversation before each row's next answer; a final answer is left out."""
        for row in rows:
            messages = row[MESSAGES]
            try:
                text = self.template.prompt(messages[:-1] if messages[-1][ROLE] == ASSISTANT else messages)
            except ValueError as error:
                yield str(error)
                continue
            (ids,) = self.tokenizer.plain([text])
            yield prompt_example(ids, self.tokenizer.max_length)

    def unended(self, ends: Collection[int]) -> str | None:
        """Return what the template puts behind an answer if none of its tokens ends a text; else None.

        Args:
            ends: ids of the tokens that end a text.
        """
        try:
            answer = self.template.pieces([{ROLE: "user", CONTENT: PROBE}, {ROLE: ASSISTANT, CONTENT: PROBE}])[-1].text
        except ValueError:
            return None  # Each row is refused with the reason.
        behind = answer.rpartition(PROBE)[2]
        (ids,) = self.tokenizer.plain([behind])
        return None if set(ids) & set(ends) else behind

    def _example(self, row: RowTexts, pieces: Sequence[Piece]) -> Encoded:
        most = self.tokenizer.max_length
        ((ids, offsets),) = self.tokenizer.with_offsets(["".join(piece.text for piece in pieces)])
        starts, ends = [start for start, _ in offsets], _ends(pieces)
        # A token that the tokenizer trimmed to nothing may start at the end of the text.
        within = (next((number for number, end in enumerate(ends) if start < end), -1) for start in starts)
        learned = [pieces[number].learned for number in within]
        if not any(learned[:most]):
            return NO_ROOM.format(learned.index(True) if True in learned else len(ids), most)
        # An answer that was truncated entirely cannot be generated.
        asked = sum(start >= ends[-2] for start in starts[:most]) if len(ends) > 1 else 0
        answers = [message[CONTENT] for message in row[MESSAGES] if message[ROLE] == ASSISTANT]
        return [Example((ids[:most],), learned[:most], len(ids) > most, answers[-1:] if asked else [])]


@dataclass(frozen=True)
class AnswerEncoder:
    """Encodes prompts with completions, or conversations, whichever a file has.

    Attributes:
        completions: encodes prompts with completions.
        folder: the tokenizer's folder, whose chat template renders conversations; read only when needed.
    """

    completions: CompletionEncoder
    folder: Path
    sequences: int = 1

    @cached_property
    def fingerprint(self) -> str:
        """A hash of everything that determines the encoding."""
        plain, tokenizer = self.completions, self.completions.tokenizer
        template = [template_text(self.folder), dict(tokenizer.special_tokens)]
        return hashed("answer", tokenizer.fingerprint, plain.end, plain.separator, template)

    def examples(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield the example of each row, of which only the answers are learned."""
        return self._of(rows).examples(rows)

    def prompts(self, rows: Sequence[RowTexts]) -> Iterator[Encoded]:
        """Yield the text before each row's answer."""
        return self._of(rows).prompts(rows)

    def unended(self, ends: Collection[int]) -> str | None:
        """Return what the chat template puts behind an answer if none of its tokens ends a text; else None."""
        return self._messages.unended(ends)

    def _of(self, rows: Sequence[RowTexts]) -> CompletionEncoder | MessagesEncoder:
        return self._messages if rows and MESSAGES in rows[0] else self.completions

    @cached_property
    def _messages(self) -> MessagesEncoder:
        tokenizer = self.completions.tokenizer
        return MessagesEncoder(tokenizer, read_chat_template(self.folder, tokenizer.special_tokens))


def _ends(pieces: Sequence[Piece]) -> list[int]:
    """Return the end of each piece in the whole text, in characters."""
    ends, end = [], 0
    for piece in pieces:
        end += len(piece.text)
        ends.append(end)
    return ends

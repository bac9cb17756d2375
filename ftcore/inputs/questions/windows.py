"""Encodes a question and its context as one sequence of tokens, or as several overlapping windows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ftcore.errors import ModelError
from ftcore.inputs.questions.rows import Answer, QuestionRow
from ftcore.text import Tokenizer

Offset = tuple[int, int]
"""Where a token begins and ends in the context, in characters."""
NOWHERE: Offset = (-1, -1)
"""Offset of a token outside the context."""
NO_ANSWER = (0, 0)
"""First and last token of the answer in a window without it: the sequence's first token ([CLS] in BERT)."""


class Window(NamedTuple):
    """A question with a part of its context.

    Attributes:
        ids, type_ids: ids and types of the tokens, with special tokens.
        offsets: offsets of each token in the context; (-1, -1) for tokens outside it.
        answer: indices of the answer's first and last token; (0, 0) if the window does not contain all of it.
    """

    ids: list[int]
    type_ids: list[int]
    offsets: list[Offset]
    answer: tuple[int, int]


Encoded = list[Window] | str
"""Windows of a row, or the reason why it has none."""


@dataclass(frozen=True)
class QuestionEncoder:
    """Makes windows from rows, as transformers' tokenizers do with truncation="only_second" and a stride.

    Attributes:
        tokenizer: the model's tokenizer.
        stride: number of context tokens that adjacent windows share.
    """

    tokenizer: Tokenizer
    stride: int

    def __post_init__(self) -> None:
        if self.tokenizer.cuts_begin:
            raise ModelError(
                "tokenizer_config.json: truncation_side is left, but ftcore divides a context from its begin: set it "
                "to right"
            )

    def facts(self) -> dict[str, Any]:
        """Return the settings that determine the windows of rows."""
        return {"tokenizer": self.tokenizer.fingerprint, "stride": self.stride}

    def encode(self, rows: Sequence[QuestionRow]) -> Iterator[Encoded]:
        """Yield the windows of each row, or the reason why it has none."""
        questions = self.tokenizer.plain([row.question for row in rows])
        contexts = self.tokenizer.with_offsets([row.context for row in rows])
        for row, question, (ids, offsets) in zip(rows, questions, contexts, strict=True):
            yield self._windows(row, question, ids, offsets)

    def _windows(self, row: QuestionRow, question: list[int], ids: list[int], offsets: list[Offset]) -> Encoded:
        room = self.tokenizer.around_pair()[1] - len(question)
        reason = self._refused(room, len(question), len(ids))
        if reason:
            return reason
        answer = None if not row.answers else tokens_of(row.answers[0], offsets)
        if row.answers and answer is None:
            return f"no token of the context is part of the answer {row.answers[0].text!r}"
        spans = window_spans(len(ids), room, self.stride)
        return [self._window(question, ids[start:end], offsets[start:end], start, answer) for start, end in spans]

    def _refused(self, room: int, question: int, context: int) -> str:
        """Return why a row cannot be encoded; "" if it can."""
        length = self.tokenizer.max_length
        if context == 0:
            return "the context has no tokens"
        if room < 1:
            return (
                f"the question has {question} tokens, which leave none for the context in a sequence of {length} "
                "(data.max_length): shorten it, or train with longer sequences"
            )
        if context > room and self.stride >= room:
            return (
                f"the question leaves room for {room} of the {context} tokens of the context, and windows share "
                f"{self.stride} (data.stride): shorten it, or train with a lower stride or a higher data.max_length "
                f"than {length}"
            )
        return ""

    def _window(
        self, question: list[int], ids: list[int], offsets: list[Offset], first: int, answer: Offset | None
    ) -> Window:
        found = Window([], [], [], NO_ANSWER)
        for piece in self.tokenizer.around_pair()[0]:
            if piece.text == 1 and answer is not None and first <= answer[0] and answer[1] < first + len(ids):
                before = len(found.ids) - first
                found = found._replace(answer=(answer[0] + before, answer[1] + before))
            part = list(piece.ids) if piece.text is None else (question, ids)[piece.text]
            found.ids.extend(part)
            found.type_ids.extend([piece.type_id] * len(part))
            found.offsets.extend(offsets if piece.text == 1 else [NOWHERE] * len(part))
        return found


def window_spans(count: int, room: int, stride: int) -> list[tuple[int, int]]:
    """Return start and end of each window over `count` tokens: `room` tokens each, `stride` shared by neighbours."""
    starts = [0]
    while starts[-1] + room < count:
        starts.append(starts[-1] + room - stride)
    return [(start, min(start + room, count)) for start in starts]


def tokens_of(answer: Answer, offsets: Sequence[Offset]) -> tuple[int, int] | None:
    """Return the first and the last token that contain a character of an answer; None if no token does.

    Spaces around an answer are ignored, because a tokenizer may have no token for them.
    """
    text = answer.text
    start = answer.start + len(text) - len(text.lstrip())
    end = start + len(text.strip())
    own = [number for number, (begin, behind) in enumerate(offsets) if begin < end and behind > start]
    return (own[0], own[-1]) if own else None

"""Defines the target of answers to prompts."""

import re
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ftcore.data import MESSAGES, PROMPT, PROMPT_INPUT, Form
from ftcore.errors import SpecError
from ftcore.parts import SpecPart
from ftcore.targets.base import Known
from ftcore.targets.judges import Judge, References
from ftcore.targets.settings import AnswerPattern
from ftcore.targets.tokens import TokensObjective, TokensTarget


@dataclass(frozen=True)
class ExactMatch:
    """The share of texts whose answer equals that of a reference.

    Attributes:
        pattern: a regular expression that finds the answer within a text.
    """

    pattern: str

    def reading(self, references: References) -> str:
        """Return "": answers are not split into words."""
        return ""

    def notes(self, references: References) -> list[str]:
        """Return a note about references in which no answer is found, so that no text can match them.

        Raises:
            SpecError: no reference at all has an answer.
        """
        pattern = re.compile(self.pattern)
        without = sum(all(answer(pattern, one) is None for one in wanted) for wanted in references)
        if without == len(references):
            raise SpecError(
                f"data.answer_pattern: {self.pattern!r} finds no answer in any reference, such as "
                f"{reprlib.repr(references[0][0])}: every exact match would be 0; correct the pattern"
            )
        note = f"data.answer_pattern finds no answer in {without} of {len(references)} references: they count as 0"
        return [note] if without else []

    def described(self, references: References) -> Mapping[str, str]:
        """Return nothing: no library is needed."""
        return {}

    def judge(self, texts: Sequence[str], references: References) -> dict[str, float]:
        """Return the share of texts whose answer equals a reference's."""
        pattern = re.compile(self.pattern)
        right = [
            (found := answer(pattern, text)) is not None and found in {answer(pattern, one) for one in wanted}
            for text, wanted in zip(texts, references, strict=True)
        ]
        return {"exact_match": sum(right) / len(right)}


class Answers(TokensTarget):
    """Each token of an answer, predicted from the prompt and the answer's previous tokens; prompts are not learned."""

    name: ClassVar[str] = "answers"
    parts: ClassVar[tuple[type[SpecPart], ...]] = (AnswerPattern,)
    given: ClassVar[tuple[Form, ...]] = ((PROMPT,), (PROMPT, PROMPT_INPUT), (MESSAGES,))

    def judge(self, known: Known) -> Judge | None:
        """Return the judge that compares answers; None without an answer pattern."""
        pattern = _pattern(known)
        return None if pattern is None else ExactMatch(pattern)

    def objective(self, known: Known) -> "AnswersObjective":
        """Return the bound target."""
        return AnswersObjective(self, known)


class AnswersObjective(TokensObjective):
    """The bound target of answers to prompts."""

    def described(self) -> dict[str, Any]:
        """Return this target's fields of ftcore.json."""
        pattern = _pattern(self.known)
        return {**super().described(), **({} if pattern is None else {"answer_pattern": pattern})}


def answer(pattern: re.Pattern[str], text: str) -> str | None:
    """Return the pattern's last match in a text: its first group, or all of it without groups; None without a match."""
    matches = list(pattern.finditer(text))
    found: str | None = matches[-1][1 if pattern.groups else 0] if matches else None
    return found


def _pattern(known: Known) -> str | None:
    found: str | None = (known.fields or {}).get("answer_pattern")
    return found

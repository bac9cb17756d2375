"""Answers to prompts."""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.data.forms import COMPLETION, MESSAGES, PROMPT, Form
from ftcore.tasks.language import TEXT_MODES, Model


class InstructionTuning:
    """Every token of an answer, from the prompt and the answer's tokens before; what is asked is not learned."""

    name: ClassVar[str] = "instruction-tuning"
    reads: ClassVar[Literal["tokens"]] = "tokens"
    unit: ClassVar[Literal["vocabulary"]] = "vocabulary"
    model: ClassVar[Model] = "causal"
    forms: ClassVar[tuple[Form, ...]] = ((PROMPT, COMPLETION), (MESSAGES,))
    given: ClassVar[tuple[Form, ...]] = ((PROMPT,), (MESSAGES,))
    target: ClassVar[str] = ""
    problem_type: ClassVar[str] = ""
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)
    metric: ClassVar[str] = "perplexity"
    modes: ClassVar[Mapping[str, Literal["max", "min"]]] = TEXT_MODES
    text_metrics: ClassVar[tuple[str, ...]] = ("exact_match",)

    def judges(self, references: Sequence[Sequence[str]]) -> dict[str, str]:
        """Return nothing: no library is needed."""
        return {}

    def judge(
        self, texts: Sequence[str], references: Sequence[Sequence[str]], answer_pattern: str | None
    ) -> dict[str, float]:
        """Return the share of texts whose answer is a reference's; nothing where no pattern finds answers."""
        if answer_pattern is None:
            return {}
        pattern = re.compile(answer_pattern)
        right = [
            (found := answer(pattern, text)) is not None and found in {answer(pattern, one) for one in wanted}
            for text, wanted in zip(texts, references, strict=True)
        ]
        return {"exact_match": sum(right) / len(right)}


def answer(pattern: re.Pattern[str], text: str) -> str | None:
    """Return what the pattern finds last in a text: its first group, or all where it has none; None for nothing."""
    matches = list(pattern.finditer(text))
    found: str | None = matches[-1][1 if pattern.groups else 0] if matches else None
    return found

"""The next token of plain texts."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.data.forms import TEXT, Form
from ftcore.tasks.language import TEXT_MODES, Model


class CausalLanguageModeling:
    """Every token of a text from those before; a long text is cut into several examples."""

    name: ClassVar[str] = "causal-language-modeling"
    reads: ClassVar[Literal["tokens"]] = "tokens"
    unit: ClassVar[Literal["vocabulary"]] = "vocabulary"
    model: ClassVar[Model] = "causal"
    forms: ClassVar[tuple[Form, ...]] = ((TEXT,),)
    given: ClassVar[tuple[Form, ...]] = ((TEXT,),)
    target: ClassVar[str] = ""
    problem_type: ClassVar[str] = ""
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)
    metric: ClassVar[str] = "perplexity"
    modes: ClassVar[Mapping[str, Literal["max", "min"]]] = TEXT_MODES
    text_metrics: ClassVar[tuple[str, ...]] = ()

    def judges(self, references: Sequence[Sequence[str]]) -> dict[str, str]:
        """Return nothing."""
        return {}

    def judge(
        self, texts: Sequence[str], references: Sequence[Sequence[str]], answer_pattern: str | None
    ) -> dict[str, float]:
        """Return nothing: a text can go on in many ways."""
        return {}

"""Masked tokens of texts: pretraining that goes on in a domain."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.data.forms import TEXT, Form
from ftcore.tasks.language import Model


class MaskedLanguageModeling:
    """Some tokens of a text from all others (Devlin et al. 2019); every step masks anew.

    Evaluation masks every token in turn, and nothing is drawn: loss and accuracy are means over all tokens, and
    pseudo-perplexity is exp(loss) without smoothing (Salazar et al. 2020, equation 3).
    """

    name: ClassVar[str] = "masked-language-modeling"
    reads: ClassVar[Literal["tokens"]] = "tokens"
    unit: ClassVar[Literal["vocabulary"]] = "vocabulary"
    model: ClassVar[Model] = "masked"
    forms: ClassVar[tuple[Form, ...]] = ((TEXT,),)
    given: ClassVar[tuple[Form, ...]] = ()
    target: ClassVar[str] = ""
    problem_type: ClassVar[str] = ""
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)
    metric: ClassVar[str] = "pseudo_perplexity"
    modes: ClassVar[Mapping[str, Literal["max", "min"]]] = {
        "loss": "min",
        "pseudo_perplexity": "min",
        "token_accuracy": "max",
    }
    text_metrics: ClassVar[tuple[str, ...]] = ()

    def judges(self, references: Sequence[Sequence[str]]) -> dict[str, str]:
        """Return nothing."""
        return {}

    def judge(
        self, texts: Sequence[str], references: Sequence[Sequence[str]], answer_pattern: str | None
    ) -> dict[str, float]:
        """Return nothing: no texts are generated."""
        return {}

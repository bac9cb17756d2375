"""One text from another: what summarization and translation share."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from ftcore.contract.losses import CrossEntropy, Loss
from ftcore.data.forms import REWRITING, SOURCE, Form
from ftcore.tasks.language import TEXT_MODES, Model


class RewritingTask:
    """Every token of a target text, from the source text and the target's tokens before.

    A task adds its name and how it judges texts.
    """

    reads: ClassVar[Literal["tokens"]] = "tokens"
    unit: ClassVar[Literal["vocabulary"]] = "vocabulary"
    model: ClassVar[Model] = "encoder-decoder"
    forms: ClassVar[tuple[Form, ...]] = REWRITING
    given: ClassVar[tuple[Form, ...]] = ((SOURCE,),)
    target: ClassVar[str] = ""
    problem_type: ClassVar[str] = ""
    losses: ClassVar[tuple[type[Loss], ...]] = (CrossEntropy,)
    metric: ClassVar[str] = "perplexity"
    modes: ClassVar[Mapping[str, Literal["max", "min"]]] = TEXT_MODES

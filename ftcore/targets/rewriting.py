"""Defines the target of writing one text from another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from ftcore.data import SOURCE, Form
from ftcore.models import TwoParts
from ftcore.parts import SpecPart
from ftcore.targets.base import Known
from ftcore.targets.judges import Judge
from ftcore.targets.metric_language import MetricLanguage
from ftcore.targets.tokens import TokensObjective, TokensTarget


@dataclass(frozen=True)
class Rewriting(TokensTarget):
    """Each token of a target text, predicted from the source text and the target's previous tokens.

    Attributes:
        judges: makes the judge of generated texts, given `data.metric_language`.
    """

    judges: Callable[[str | None], Judge]

    name: ClassVar[str] = "rewriting"
    model_parts: ClassVar[tuple[type[SpecPart], ...]] = (TwoParts,)
    parts: ClassVar[tuple[type[SpecPart], ...]] = (MetricLanguage,)
    given: ClassVar[tuple[Form, ...]] = ((SOURCE,),)

    def judge(self, known: Known) -> Judge | None:
        """Return the judge of generated texts."""
        return self.judges((known.fields or {}).get("metric_language"))

    def objective(self, known: Known) -> "RewritingObjective":
        """Return the bound target."""
        return RewritingObjective(self, known)


class RewritingObjective(TokensObjective):
    """The bound target of texts written from others."""

    def described(self) -> dict[str, Any]:
        """Return this target's fields of ftcore.json."""
        language = (self.known.fields or {}).get("metric_language")
        return {**super().described(), **({} if language is None else {"metric_language": language})}

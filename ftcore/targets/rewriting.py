"""Defines the target of writing one text from another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from ftcore.data import SOURCE, Form
from ftcore.models import TwoParts
from ftcore.parts import SpecPart
from ftcore.targets.base import Known
from ftcore.targets.judges import Judge
from ftcore.targets.tokens import TokensTarget


@dataclass(frozen=True)
class Rewriting(TokensTarget):
    """Each token of a target text, predicted from the source text and the target's previous tokens.

    Attributes:
        judges: makes the judge of generated texts.
    """

    judges: Callable[[], Judge]

    name: ClassVar[str] = "rewriting"
    model_parts: ClassVar[tuple[type[SpecPart], ...]] = (TwoParts,)
    given: ClassVar[tuple[Form, ...]] = ((SOURCE,),)

    def judge(self, known: Known) -> Judge | None:
        """Return the judge of generated texts."""
        return self.judges()

"""One text from another."""

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
    """Every token of a target text, from the source text and the target's tokens before.

    Attributes:
        judges: makes what judges written texts.
    """

    judges: Callable[[], Judge]

    name: ClassVar[str] = "rewriting"
    model_parts: ClassVar[tuple[type[SpecPart], ...]] = (TwoParts,)
    given: ClassVar[tuple[Form, ...]] = ((SOURCE,),)

    def judge(self, known: Known) -> Judge | None:
        """Return what judges written texts."""
        return self.judges()

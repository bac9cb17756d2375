"""Defines the target of causal language modeling."""

from typing import ClassVar

from ftcore.data import TEXT, Form
from ftcore.targets.tokens import TokensTarget


class NextToken(TokensTarget):
    """Each token of a text, predicted from the previous ones; generated texts are not judged, having no reference."""

    name: ClassVar[str] = "next-token"
    given: ClassVar[tuple[Form, ...]] = ((TEXT,),)

"""The next token of plain texts."""

from typing import ClassVar

from ftcore.data import TEXT, Form
from ftcore.targets.tokens import TokensTarget


class NextToken(TokensTarget):
    """Every token of a text from the tokens before; nothing judges what is written, as texts go on in many ways."""

    name: ClassVar[str] = "next-token"
    given: ClassVar[tuple[Form, ...]] = ((TEXT,),)

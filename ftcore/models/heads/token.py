"""The head of a token classifier, with logits for every token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ftcore.contract.network import Architecture, TokenHead
from ftcore.models.families import TOKEN_CLASSIFIERS, Family
from ftcore.models.heads.base import Described
from ftcore.models.heads.named_head import NamedHead


@dataclass(frozen=True)
class TokenClassifierHead(NamedHead):
    """Maps the hidden state of every token to logits, as the family's token classifier in transformers does.

    Attributes:
        outputs: number of logits per token.
    """

    outputs: int

    name: ClassVar[str] = "token"
    families: ClassVar[Mapping[str, Family]] = TOKEN_CLASSIFIERS
    families_name: ClassVar[str] = "the token classifiers of the families"

    @classmethod
    def described(cls, fields: Mapping[str, Any]) -> "TokenClassifierHead":
        """Return the head with these fields of ftcore.json."""
        return cls(fields["outputs"])

    def head(self, described: Described) -> TokenHead:
        """Return the family's head for tokens."""
        family = TOKEN_CLASSIFIERS[described.architecture.family]
        return family.token_classifier(described.architecture, self.outputs)

    def any_head(self, architecture: Architecture) -> TokenHead:
        """Return the family's head for tokens."""
        return TOKEN_CLASSIFIERS[architecture.family].token_classifier(architecture, 1)

    @classmethod
    def transformers_class(cls, family: str) -> str:
        """Return the token classifier's class."""
        return TOKEN_CLASSIFIERS[family].tokens_classifier_class

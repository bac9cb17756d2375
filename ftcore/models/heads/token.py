"""The head of a token classifier, with logits for every token."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ftcore.contract.network import Architecture, TokenHead
from ftcore.models.config import family_of
from ftcore.models.families import TOKEN_CLASSIFIERS, TokenClassifierFamily
from ftcore.models.heads.base import Described
from ftcore.models.heads.task_head import TaskHead


@dataclass(frozen=True)
class TokenClassifierHead(TaskHead):
    """Maps the hidden state of every token to logits, as the family's token classifier in transformers does.

    Attributes:
        outputs: number of logits per token.
    """

    outputs: int

    name: ClassVar[str] = "token"

    def family(self, folder: Path, config: Mapping[str, Any]) -> TokenClassifierFamily:
        """Return the family of a config, which must have a token classifier in transformers."""
        return family_of(folder, config, TOKEN_CLASSIFIERS, "the token classifiers of the families")

    def head(self, described: Described) -> TokenHead:
        """Return the family's head for tokens."""
        family = TOKEN_CLASSIFIERS[described.architecture.family]
        return family.token_classifier(described.architecture, self.outputs)

    def any_head(self, architecture: Architecture) -> TokenHead:
        """Return the family's head for tokens."""
        return TOKEN_CLASSIFIERS[architecture.family].token_classifier(architecture, 1)

    def transformers_class(self, family: str) -> str:
        """Return the token classifier's class."""
        return TOKEN_CLASSIFIERS[family].tokens_classifier_class

"""Builds the head of extractive question answering: two logits per token, for an answer's start and end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ftcore.contract.network import Architecture, TokenHead
from ftcore.contract.weights import Checkpoint
from ftcore.models.families import TOKEN_CLASSIFIERS, Family, TokenClassifierFamily, fields
from ftcore.models.families.heads import token_classifier
from ftcore.models.heads.base import Described, Fitted
from ftcore.models.heads.named_head import NamedHead

OUTPUTS = 2
"""Outputs of a token: as an answer's first token, and as its last."""
NAME = "qa_outputs"
"""The linear map in transformers' checkpoints."""

Build = Callable[[TokenClassifierFamily, Architecture], TokenHead]


def _linear(family: TokenClassifierFamily, architecture: Architecture) -> TokenHead:
    """Return one linear map, without dropout."""
    return token_classifier(architecture, OUTPUTS, classifier=NAME, dropout=0.0)


def _dropped(family: TokenClassifierFamily, architecture: Architecture) -> TokenHead:
    """Return dropout and one linear map."""
    rate = fields.rate(architecture.config, "qa_dropout", 0.1)
    return token_classifier(architecture, OUTPUTS, classifier=NAME, dropout=rate)


def _as_of_tokens(family: TokenClassifierFamily, architecture: Architecture) -> TokenHead:
    """Return the family's head for token classification."""
    return family.token_classifier(architecture, OUTPUTS)


BUILD: Mapping[str, Build] = {
    **dict.fromkeys(("bert", "roberta", "xlm-roberta", "camembert"), _linear),
    **dict.fromkeys(("albert", "electra", "mpnet", "deberta-v2"), _linear),
    "distilbert": _dropped,
    "modernbert": _as_of_tokens,
}
"""Builders of the head, for each family with one in transformers."""
FAMILIES: Mapping[str, TokenClassifierFamily] = {name: TOKEN_CLASSIFIERS[name] for name in BUILD}


@dataclass(frozen=True)
class AnswerSpanHead(NamedHead):
    """Maps the hidden state of every token to two logits, as in transformers' question answering of the family."""

    name: ClassVar[str] = "answer-span"
    families: ClassVar[Mapping[str, Family]] = FAMILIES
    families_name: ClassVar[str] = "the question answering of the families"

    @classmethod
    def described(cls, fields: Mapping[str, Any]) -> "AnswerSpanHead":
        """Return the head; it always has two logits per token."""
        return cls()

    @property
    def outputs(self) -> int:
        """2: an answer's first token, and its last."""
        return OUTPUTS

    def head(self, described: Described) -> TokenHead:
        """Return the family's head."""
        return self.any_head(described.architecture)

    def any_head(self, architecture: Architecture) -> TokenHead:
        """Return the family's head."""
        family = FAMILIES[architecture.family]
        return BUILD[family.name](family, architecture)

    @classmethod
    def transformers_class(cls, family: str) -> str:
        """Return the name of the family's class for question answering."""
        return FAMILIES[family].body_class.replace("Model", "ForQuestionAnswering")

    def fitted(self, described: Described, checkpoint: Checkpoint, of_file: bool) -> Fitted:
        """Return the network with the checkpoint's own head, or with a new one; its outputs have no labels."""
        return replace(super().fitted(described, checkpoint, of_file), labels=None, notes=())

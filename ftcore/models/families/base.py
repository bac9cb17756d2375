"""The protocols of a model family: reads its config, and names the parameters of its checkpoints."""

from collections.abc import Mapping
from typing import Any, Protocol

from ftcore.contract.network import Architecture, Head, Pooling, TokenHead


class TensorNames(Protocol):
    """The names of a family's parameters in its checkpoints."""

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return every possible checkpoint name of the parameter `name`, starting with `name` itself."""
        ...

    def ignores(self, name: str) -> bool:
        """Return whether an unused tensor is known, and correctly left out."""
        ...


class Family(TensorNames, Protocol):
    """One `model_type` of Hugging Face configs, or of ftcore's own."""

    @property
    def name(self) -> str:
        """The `model_type`."""
        ...

    @property
    def prefix(self) -> str:
        """Prefix of the names of the body (and of its own pooler) in a model with a head: "bert."; or ""."""
        ...

    @property
    def kept(self) -> tuple[str, ...]:
        """Prefixes of the head's parameters that belong to the pretrained model, besides `prefix`."""
        ...

    @property
    def body_class(self) -> str:
        """The body's class in transformers; "" for a family of ftcore's own, which transformers does not have."""
        ...

    @property
    def classifier_class(self) -> str:
        """The sequence classifier's class in transformers, or a name in its place in a family of ftcore's own."""
        ...

    @property
    def pooling(self) -> Pooling:
        """The pooling of the sequence classifier in transformers."""
        ...

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config.

        Args:
            config: config.json as read.
            dropout: replaces every dropout rate of the config, or None.

        Raises:
            ModelError: a field is wrong, or changes the mathematics in a way that ftcore does not support.
        """
        ...

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the family's head for sequences.

        Args:
            architecture: an architecture of this family.
            outputs: number of logits; 0 for no classifier.
            pooling: how a sequence becomes one vector.
            pair: "separate" for two sequences per example, else "joint".
        """
        ...


class TokenClassifierFamily(Family, Protocol):
    """A family with a token classifier in transformers."""

    @property
    def tokens_classifier_class(self) -> str:
        """The token classifier's class in transformers."""
        ...

    def token_classifier(self, architecture: Architecture, outputs: int) -> TokenHead:
        """Return the family's head for tokens, with this number of logits."""
        ...


class LanguageModelFamily(TensorNames, Protocol):
    """One `model_type` of Hugging Face configs that has a language model."""

    @property
    def name(self) -> str:
        """The `model_type`."""
        ...

    @property
    def prefix(self) -> str:
        """Prefix of the names of the body in a model with a head: "model."; or ""."""
        ...

    @property
    def language_model_class(self) -> str:
        """The language model's class in transformers."""
        ...

    @property
    def head_weight(self) -> str:
        """The checkpoint's name of the weight of the head's last linear map, if that is not the token table."""
        ...

    @property
    def table_copies(self) -> tuple[str, ...]:
        """Further names of the token table in checkpoints."""
        ...

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config, as `Family.architecture` does."""
        ...

    def is_tied(self, config: Mapping[str, Any]) -> bool:
        """Return whether the config ties the head's last linear map to the token table."""
        ...

    def token_head(self, architecture: Architecture, tied: bool) -> TokenHead:
        """Return the language model's head; `tied` is whether its last linear map is the token table."""
        ...

"""What a model family is: how its config reads, and how its checkpoints name the parameters."""

from collections.abc import Mapping
from typing import Any, Protocol

from ftcore.contract.network import Architecture, Head, Pooling, TokenHead


class TensorNames(Protocol):
    """How a family's checkpoints name what its networks have."""

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return every name that a checkpoint may give the parameter `name`, that one first."""
        ...

    def ignores(self, name: str) -> bool:
        """Return whether a tensor that no parameter took is known, and rightly left out."""
        ...


class Family(TensorNames, Protocol):
    """One `model_type` of Hugging Face configs, or of ftcore's own."""

    @property
    def name(self) -> str:
        """The `model_type`."""
        ...

    @property
    def prefix(self) -> str:
        """What names of the body (and of a pooler of its own) begin with in a model with a head: "bert."; or ""."""
        ...

    @property
    def kept(self) -> tuple[str, ...]:
        """What names of a head begin with that belong to the pretrained model, beside those of `prefix`."""
        ...

    @property
    def body_class(self) -> str:
        """The body's class in transformers; "" for a family of ftcore's own, which transformers does not have."""
        ...

    @property
    def classifier_class(self) -> str:
        """The sequence classifier's class in transformers, or what stands for it in a family of ftcore's own."""
        ...

    @property
    def pooling(self) -> Pooling:
        """The pooling of the sequence classifier in transformers."""
        ...

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return what a config describes.

        Args:
            config: config.json as read.
            dropout: replaces every dropout rate of the config, or None.

        Raises:
            ModelError: a field is wrong, or changes the mathematics in a way that ftcore does not follow.
        """
        ...

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the family's head for sequences.

        Args:
            architecture: of this family.
            outputs: number of logits; 0 for no classifier.
            pooling: how a sequence becomes one vector.
            pair: "separate" for two sequences an example, else "joint".
        """
        ...


class TokenClassifierFamily(Family, Protocol):
    """A family of which transformers has a classifier of tokens."""

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
        """What names of the body begin with in a model with a head: "model."; "" where they have no prefix."""
        ...

    @property
    def language_model_class(self) -> str:
        """The language model's class in transformers."""
        ...

    @property
    def head_weight(self) -> str:
        """The checkpoint's name of the weight of the head's last linear map, where that is not the token table."""
        ...

    @property
    def table_copies(self) -> tuple[str, ...]:
        """The names that a checkpoint may give the token table beside its own."""
        ...

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return what a config describes, as `Family.architecture` does."""
        ...

    def is_tied(self, config: Mapping[str, Any]) -> bool:
        """Return whether the config says that the head's last linear map is the token table."""
        ...

    def token_head(self, architecture: Architecture, tied: bool) -> TokenHead:
        """Return the language model's head; `tied` says whether its last linear map is the token table."""
        ...

"""What a model family is: how its config reads, and how its checkpoints name the parameters."""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from ftcore.models.network import Architecture, Head, Pooling


class Family(Protocol):
    """One `model_type` of Hugging Face configs.

    Attributes:
        name: the `model_type`.
        prefix: what names of the body (and of its pooler) begin with in a model with a head: "bert.".
        body_class, classifier_class: transformers' classes of the body and of the sequence classifier.
    """

    name: ClassVar[str]
    prefix: ClassVar[str]
    body_class: ClassVar[str]
    classifier_class: ClassVar[str]

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

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return every name that a checkpoint may give the parameter `name`, that one first."""
        ...

    def ignores(self, name: str) -> bool:
        """Return whether a tensor that no parameter took is known, and rightly left out."""
        ...

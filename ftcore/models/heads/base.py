"""What a kind of head is: how it is built, what it takes from a checkpoint, and how its result is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from ftcore.contract.network import Architecture, Head, Network, Parameter, TokenHead
from ftcore.contract.weights import Checkpoint
from ftcore.models.families import Family, LanguageModelFamily
from ftcore.models.settings import ModelSpec


@dataclass(frozen=True)
class Described:
    """What a model folder describes, and what a spec asks of it.

    Attributes:
        folder: holds config.json.
        config: its content, with the vocabulary of another tokenizer where the spec has one trained.
        architecture: what it describes.
        spec: the `model` part.
        said: ftcore.json's content where the weights are the folder's; {} where it has none, or they are drawn.
    """

    folder: Path
    config: Mapping[str, Any]
    architecture: Architecture
    spec: ModelSpec
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Fitted:
    """A network under a head that is kept as a checkpoint has it, or is a new one.

    Attributes:
        network: with the head.
        wanted: the parameters that are read from the checkpoint where it has them.
        labels: the checkpoint's own label names, where its head is kept and has them.
        notes: for the user.
    """

    network: Network
    wanted: Sequence[Parameter]
    labels: list[str] | None = None
    notes: tuple[str, ...] = ()


class HeadKind(Protocol):
    """A kind of head, with the number of its outputs where a task decides that."""

    name: ClassVar[str]
    """What ftcore.json calls it."""
    joins_parts: ClassVar[bool]
    """Whether an encoder and a decoder of their own can be under it."""

    @property
    def outputs(self) -> int:
        """Number of logits; 0 where there are none, or as many as tokens."""
        ...

    def family(self, folder: Path, config: Mapping[str, Any]) -> Family | LanguageModelFamily:
        """Return the family that a config names, which must have such a head.

        Raises:
            ModelError: it has none.
        """
        ...

    def head(self, described: Described) -> Head | TokenHead:
        """Return the head as the spec asks for it; what that leaves open is as the folder says, or the family's own.

        Raises:
            ModelError: the family has no such head.
        """
        ...

    def names(self, described: Described) -> frozenset[str]:
        """Return every name that a checkpoint may give one of the network's parameters."""
        ...

    def fitted(self, described: Described, checkpoint: Checkpoint, of_file: bool) -> Fitted:
        """Return the network under the checkpoint's own head, or under a new one.

        Args:
            described: the network.
            checkpoint: its weights.
            of_file: whether these are a file alone, which tells nothing of its head but the shapes.

        Raises:
            ModelError: the checkpoint has another head, and the spec asks for no new one.
        """
        ...

    def ignored_fields(self, config: Mapping[str, Any]) -> list[str]:
        """Return the fields of a config that change nothing in what ftcore computes with this head, sorted."""
        ...

    def notes_from_scratch(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what a user should know of a config whose network is drawn."""
        ...

    def generation(self, architecture: Architecture, folder: Path | None) -> Mapping[str, Any]:
        """Return what generation_config.json is to say; {} of a network that generates nothing.

        Args:
            architecture: of the network.
            folder: may have the file; None where the parameters are drawn.
        """
        ...

    def result_class(self, network: Network) -> str:
        """Return the class in transformers that a result is of."""
        ...

    def is_apart(self, network: Network) -> bool:
        """Return whether a result is the family's plain model, with the head's tensors in a file beside it."""
        ...

    def result_config(self, network: Network, labels: Sequence[str], problem_type: str, dtype: str) -> dict[str, Any]:
        """Return config.json of a result.

        Args:
            network: with this head.
            labels: label names in order; [] where the task has none.
            problem_type: of transformers; "" for none.
            dtype: of the written weights.
        """
        ...

    def facts(self, network: Network) -> dict[str, Any]:
        """Return what ftcore.json says of a network's head: `head`, the name of the kind, and what is its own."""
        ...

    def write_further(self, folder: Path, network: Network, description: Mapping[str, Any]) -> list[str]:
        """Write what else a result needs; return notes for the user.

        Args:
            folder: of the result.
            network: with this head.
            description: ftcore.json's content, or {}.
        """
        ...

    def result_notes(self, network: Network) -> list[str]:
        """Return what a user should know of the form of a result."""
        ...

"""The protocol of a kind of head: construction, use of a checkpoint, and output files."""

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
    """The description in a model folder, and the `model` part of a spec.

    Attributes:
        folder: holds config.json.
        config: its content, with the vocabulary of the tokenizer that the spec trains, if any.
        architecture: the architecture in the config.
        spec: the `model` part.
        said: content of ftcore.json if the weights are those of the folder; {} if it has none, or weights are drawn.
    """

    folder: Path
    config: Mapping[str, Any]
    architecture: Architecture
    spec: ModelSpec
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Fitted:
    """A network with the checkpoint's head, or with a new one.

    Attributes:
        network: the network with its head.
        wanted: the parameters to read from the checkpoint, if it has them.
        labels: the checkpoint's label names, if its head is kept and has them.
        notes: notes for the user.
        is_unnamed: whether the checkpoint's head is kept, and the folder does not name its outputs.
    """

    network: Network
    wanted: Sequence[Parameter]
    labels: list[str] | None = None
    notes: tuple[str, ...] = ()
    is_unnamed: bool = False


class HeadKind(Protocol):
    """A kind of head, with its number of outputs if a task decides that."""

    name: ClassVar[str]
    """Its name in ftcore.json."""
    joins_parts: ClassVar[bool]
    """Whether it can be the head of a separate encoder and decoder."""

    @property
    def outputs(self) -> int:
        """Number of logits; 0 if there are none, or as many as tokens in the vocabulary."""
        ...

    def family(self, folder: Path, config: Mapping[str, Any]) -> Family | LanguageModelFamily:
        """Return the family of a config, which must have such a head.

        Raises:
            ModelError: the family has no such head.
        """
        ...

    def head(self, described: Described) -> Head | TokenHead:
        """Return the head for the spec; the defaults are the settings in the folder, then those of the family.

        Raises:
            ModelError: the family has no such head.
        """
        ...

    def names(self, described: Described) -> frozenset[str]:
        """Return every possible checkpoint name of the network's parameters."""
        ...

    def fitted(self, described: Described, checkpoint: Checkpoint, of_file: bool) -> Fitted:
        """Return the network with the checkpoint's head, or with a new one.

        Args:
            described: the network.
            checkpoint: its weights.
            of_file: whether the weights are a single file, which describes its head only by shapes.

        Raises:
            ModelError: the checkpoint has another head, and the spec does not ask for a new one.
        """
        ...

    def ignored_fields(self, config: Mapping[str, Any]) -> list[str]:
        """Return the fields of a config that change nothing in ftcore with this head, sorted."""
        ...

    def notes_from_scratch(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        """Return notes for the user about a config whose network is drawn."""
        ...

    def generation(self, architecture: Architecture, folder: Path | None) -> Mapping[str, Any]:
        """Return the content of generation_config.json; {} for a network that generates nothing.

        Args:
            architecture: architecture of the network.
            folder: a folder that may have the file; None if the parameters are drawn.
        """
        ...

    def result_class(self, network: Network) -> str:
        """Return the class of a result in transformers."""
        ...

    def is_apart(self, network: Network) -> bool:
        """Return whether a result is the family's plain model, with the head's tensors in a separate file."""
        ...

    def result_config(self, network: Network, labels: Sequence[str], problem_type: str, dtype: str) -> dict[str, Any]:
        """Return config.json of a result.

        Args:
            network: with this head.
            labels: label names in order; [] if the task has none.
            problem_type: problem_type of transformers; "" for none.
            dtype: type of the written weights.
        """
        ...

    def facts(self, network: Network) -> dict[str, Any]:
        """Return the fields of ftcore.json for a network's head: `head`, the name of the kind, and its own ones."""
        ...

    def write_further(self, folder: Path, network: Network, description: Mapping[str, Any]) -> list[str]:
        """Write further files of a result; return notes for the user.

        Args:
            folder: folder of the result.
            network: with this head.
            description: ftcore.json's content, or {}.
        """
        ...

    def result_notes(self, network: Network) -> list[str]:
        """Return notes for the user about the format of a result."""
        ...

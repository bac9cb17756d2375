"""Defines the interface of a kind of input: its columns, its spec fields and the preparer of its examples."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from ftcore.contract.network import Architecture, Network
from ftcore.contract.optimizers import Optimizer
from ftcore.data import ColumnRules, CountedDataset, Dataset, DataSpec, Form, Loader, RowEncoder, Splits
from ftcore.models import HeadKind, LeanTable, ModelPlan, ModelSpec
from ftcore.observer import Notify as Notify
from ftcore.parts import Problems, SpecPart


class Tokenizers(Protocol):
    """Finds the tokenizers of a network."""

    def folders(self) -> tuple[Path, Path]:
        """Return the folders of the tokenizers for the network's input and for its output.

        Raises:
            ModelError: a location is not found.
            DataError: the texts to train a tokenizer on cannot be read.
        """
        ...


class NetworkSource(Protocol):
    """The network of a spec, as known before the data is read."""

    def described(self) -> tuple[Path, Architecture]:
        """Return the network's folder and its description, without reading weights.

        Raises:
            ModelError: the folder does not exist, or the network is a user's own module.
        """
        ...

    def planned(self, head: HeadKind) -> ModelPlan:
        """Return the network with a head, and a value for every parameter.

        Raises:
            ModelError: the model is not found, or does not fit.
        """
        ...


@dataclass(frozen=True)
class Request:
    """The parts of a spec that an input reads.

    Attributes:
        task: the task's name, for errors.
        data, model: these parts of the spec.
        loss: the loss's name.
        seed: the run's seed.
        base: the folder that relative paths start from.
        source: the network.
        own_module: whether the network is a user's own module, which has no description.
    """

    task: str
    data: DataSpec
    model: ModelSpec
    loss: str
    seed: int
    base: Path
    source: NetworkSource
    own_module: bool = False


class WholeSpec(Protocol):
    """The parts of a spec against which inputs and targets check their fields."""

    @property
    def task(self) -> str:
        """The task's name."""
        ...

    @property
    def model(self) -> Any:
        """The `model` part."""
        ...

    @property
    def data(self) -> Any:
        """The `data` part."""
        ...

    @property
    def loss(self) -> Any:
        """The `loss` part."""
        ...


class Preparer:
    """Makes the examples of one network; each kind of input overrides the methods that differ."""

    reads_targets: ClassVar[bool] = False
    """Whether the encoder of single rows reads their targets too."""

    def loader(self, base: Path, notify: Notify) -> Loader:
        """Return the loader of files; relative paths start from `base`."""
        raise NotImplementedError

    def row_encoder(self, rules: ColumnRules) -> RowEncoder | None:
        """Return the encoder of the rows of a stream; None if only whole files can be read."""
        return None

    def example_encoder(self, rules: ColumnRules) -> RowEncoder | None:
        """Return the encoder of single rows as training reads them; None if only whole files can be read."""
        return self.row_encoder(rules)

    def tokens(self, dataset: Dataset) -> dict[str, list[list[str]]]:
        """Return the tokens of each sequence of some examples, by the network's input; {} without tokens."""
        return {}

    def token_count(self, texts: Sequence[str]) -> int:
        """Return the number of tokens of texts that are not cut, without special tokens."""
        return 0

    def check_stream(self, is_stream: bool) -> None:
        """Raise DataError if the data is standard input and cannot be read from there."""

    def check_model(self, model: ModelPlan) -> None:
        """Raise SpecError if the network cannot read the prepared inputs."""

    def fitted(self, model: ModelPlan, seed: int) -> ModelPlan:
        """Return the model, extended as the examples need, such as by rows of added tokens drawn by the seed."""
        return model

    def settled(self, splits: Splits) -> Splits:
        """Return the splits, adapted once train is known."""
        return splits

    def for_evaluation(self, dataset: CountedDataset) -> CountedDataset:
        """Return the split in the form that evaluation reads."""
        return dataset

    def train_at(self, dataset: CountedDataset) -> Callable[[int], CountedDataset] | None:
        """Return a function from a step to its training split; None if all steps see the same."""
        return None

    def shortened(
        self, model: ModelPlan, splits: Splits, trainable: frozenset[str] | None, optimizer: Optimizer
    ) -> tuple[LeanTable, Splits] | None:
        """Return a token table reduced to the rows that the splits use, and splits for it; None to keep it whole."""
        return None

    def for_module(self, splits: Splits, what: str, names: Callable[[], Mapping[str, str]], notify: Notify) -> Splits:
        """Return the splits in the form that a user's own module reads.

        Args:
            splits: the data.
            what: the module, for errors.
            names: returns the token inputs that the module takes, each with the module's own name for it.
            notify: called with messages for the user.
        """
        return splits

    def notes(self, data: DataSpec, base: Path) -> list[str]:
        """Return messages for the user about the training texts."""
        return []

    def notes_of_training(self, network: Network, trainable: frozenset[str] | None) -> list[str]:
        """Return messages for the user about the trained parameters."""
        return []

    def described(self, splits: Splits) -> dict[str, Any]:
        """Return this input's fields of ftcore.json, from which `Input.restore` restores the preparer."""
        return {}

    def write_files(self, plan: ModelPlan, folder: Path) -> None:
        """Write the files of a result that describe how its inputs are prepared."""


class Input(Protocol):
    """One kind of input."""

    name: ClassVar[str]
    """The registered name."""
    takes_modules: ClassVar[bool]
    """Whether a user's own module can take this input."""
    tabular: ClassVar[bool]
    """Whether its examples are the rows of tables."""

    @property
    def probe_pooling(self) -> Literal["mean"] | None:
        """How a linear probe pools hidden states into features; None for the family's own pooling."""
        ...

    @property
    def forms(self) -> tuple[Form, ...]:
        """The sets of columns that an example may be made of."""
        ...

    @property
    def parts(self) -> tuple[type[SpecPart], ...]:
        """The input's fields of the spec's `data` part."""
        ...

    def pair(self, data: SpecPart) -> str:
        """Return "separate" if the texts of an example are encoded separately, else "joint"."""
        ...

    def reads(self, architecture: Architecture) -> bool:
        """Return whether a network takes this kind of input."""
        ...

    def problems(self, spec: WholeSpec) -> Problems:
        """Return the conflicts between this input's fields and others of the spec."""
        ...

    def tokenizers(self, model: ModelSpec, data: DataSpec, base: Path) -> "Tokenizers | None":
        """Return the folders of the tokenizers of a spec; None if the network reads no tokens."""
        ...

    def preparer(self, request: Request) -> Preparer:
        """Return the preparer of examples for the network of a spec.

        Raises:
            ModelError: the network takes another kind of input, or its files are damaged.
        """
        ...

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> Preparer:
        """Return the preparer of a finished model.

        Args:
            folder: the model's folder.
            plan: the model's network.
            description: the content of its ftcore.json.
            loss: the name of its loss.
        """
        ...

    def undescribed(self, longest: int) -> dict[str, Any]:
        """Return this input's fields of ftcore.json for a model folder without that file.

        Args:
            longest: the longest sequence of the model.
        """
        ...

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the errors in this input's fields of ftcore.json, one line per error."""
        ...

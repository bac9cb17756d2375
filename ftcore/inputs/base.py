"""What every kind of input is: its columns, its fields of the spec, and what prepares its examples."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from ftcore.contract.network import Architecture, Network
from ftcore.contract.optimizers import Optimizer
from ftcore.data import ColumnRules, CountedDataset, DataSpec, Form, Loader, RowEncoder, Splits
from ftcore.models import HeadKind, LeanTable, ModelPlan, ModelSpec
from ftcore.parts import Problems, SpecPart

Notify = Callable[[str], None]
"""Told what the user should know."""


class Tokenizers(Protocol):
    """Where the tokenizers of a network are."""

    def folders(self) -> tuple[Path, Path]:
        """Return the folder of the tokenizer of what the network reads, and that of what it writes.

        Raises:
            ModelError: a location is not found.
            DataError: a tokenizer is to be trained on texts that cannot be read.
        """
        ...


class NetworkSource(Protocol):
    """The network of a spec, as far as it is known before the data is read."""

    def described(self) -> tuple[Path, Architecture]:
        """Return the folder that describes the network, and the description; no weights are read.

        Raises:
            ModelError: there is no such folder, or the network is a module of the user's own.
        """
        ...

    def planned(self, head: HeadKind) -> ModelPlan:
        """Return the network under a head, with a value for every parameter.

        Raises:
            ModelError: the model is not found, or does not fit.
        """
        ...


@dataclass(frozen=True)
class Request:
    """What a spec says, as far as an input reads it.

    Attributes:
        task: the task's name, for errors.
        data, model: these parts of the spec.
        loss: the loss's name.
        seed: of the run.
        base: what relative paths are relative to.
        source: the network.
        own_module: whether the network is a module of the user's own, which nothing describes.
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
    """A spec, as far as inputs and targets check their fields against others."""

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
    """Makes the examples of one network. A kind of input overrides what differs for it."""

    def loader(self, base: Path, notify: Notify) -> Loader:
        """Return what loads files; relative paths are relative to `base`."""
        raise NotImplementedError

    def row_encoder(self, rules: ColumnRules) -> RowEncoder | None:
        """Return what makes examples of rows that pass by; None where only whole files are read."""
        return None

    def check_stream(self, is_stream: bool) -> None:
        """Raise DataError where the data is standard input, and cannot be read from there."""

    def check_model(self, model: ModelPlan) -> None:
        """Raise SpecError where the network cannot read what is prepared."""

    def fitted(self, model: ModelPlan, seed: int) -> ModelPlan:
        """Return the model with what the examples need of it, such as rows of added tokens, drawn by the seed."""
        return model

    def settled(self, splits: Splits) -> Splits:
        """Return the splits once train is known."""
        return splits

    def for_evaluation(self, dataset: CountedDataset) -> CountedDataset:
        """Return a split as evaluation reads it."""
        return dataset

    def train_at(self, dataset: CountedDataset) -> Callable[[int], CountedDataset] | None:
        """Return what gives the training split as a step sees it; None where every step sees the same."""
        return None

    def shortened(
        self, model: ModelPlan, splits: Splits, trainable: frozenset[str] | None, optimizer: Optimizer
    ) -> tuple[LeanTable, Splits] | None:
        """Return a token table of the rows that the splits reach, and the splits that read it; None to keep it all."""
        return None

    def for_module(self, splits: Splits, what: str, names: Callable[[], Mapping[str, str]], notify: Notify) -> Splits:
        """Return the splits as a module of the user's own reads them.

        Args:
            splits: the data.
            what: the module, for errors.
            names: gives the inputs of tokens that the module takes, each with the module's own name of it.
            notify: told what the user should know.
        """
        return splits

    def notes(self, data: DataSpec, base: Path) -> list[str]:
        """Return what the user should know of the training texts."""
        return []

    def notes_of_training(self, network: Network, trainable: frozenset[str] | None) -> list[str]:
        """Return what the user should know of the parameters that are trained."""
        return []

    def described(self, splits: Splits) -> dict[str, Any]:
        """Return its part of ftcore.json, from which `Input.restore` makes it again."""
        return {}

    def write_files(self, plan: ModelPlan, folder: Path) -> None:
        """Write the files of a result that say how its inputs are prepared."""


class Input(Protocol):
    """One kind of input."""

    name: ClassVar[str]
    """Its registered name."""
    takes_modules: ClassVar[bool]
    """Whether a module of the user's own can be given it."""

    @property
    def probe_pooling(self) -> Literal["mean"] | None:
        """How hidden states become the features of a linear probe; None for the family's own way."""
        ...

    @property
    def forms(self) -> tuple[Form, ...]:
        """The columns that an example may be made of: one of these."""
        ...

    @property
    def parts(self) -> tuple[type[SpecPart], ...]:
        """Its fields of the spec's `data` part."""
        ...

    def pair(self, data: SpecPart) -> str:
        """Return "separate" where the two texts of an example are encoded separately, else "joint"."""
        ...

    def reads(self, architecture: Architecture) -> bool:
        """Return whether a network takes this kind of input."""
        ...

    def problems(self, spec: WholeSpec) -> Problems:
        """Return what is wrong between its fields and others of the spec."""
        ...

    def tokenizers(self, model: ModelSpec, data: DataSpec, base: Path) -> "Tokenizers | None":
        """Return the folders of the tokenizers of a spec; None where the network reads no tokens."""
        ...

    def preparer(self, request: Request) -> Preparer:
        """Return what makes examples for the network of a spec.

        Raises:
            ModelError: the network takes something else, or its files are damaged.
        """
        ...

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> Preparer:
        """Return the preparer of a finished model.

        Args:
            folder: of the model.
            plan: its network.
            description: its ftcore.json.
            loss: the name of its loss.
        """
        ...

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return what is wrong with its fields of ftcore.json, one line each."""
        ...

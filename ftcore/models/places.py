"""Finds the folders and files that the parts of a model come from, and reads what its folder describes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftcore.contract.network import Architecture
from ftcore.errors import ModelError
from ftcore.models.config import read_architecture, read_config, read_family
from ftcore.models.fitted_config import fitted
from ftcore.models.location import resolve, weights_file
from ftcore.models.settings import ModelPart, ModelSpec, module_of, parts_of
from ftcore.text import TokenizerTraining, special_tokens


@dataclass(frozen=True)
class Places:
    """Where the parts of a model are.

    Attributes:
        architecture: the folder of config.json.
        tokenizer: the folder of the tokenizer's files.
        weights: the architecture's folder, or a file; None where every parameter is drawn.
        fits_tokenizer: whether the network's vocabulary is that of the tokenizer, which is another one than its
            folder's, so that what the network has for each token is drawn.
    """

    architecture: Path
    tokenizer: Path
    weights: Path | None
    fits_tokenizer: bool = False

    @classmethod
    def of(cls, folder: Path) -> "Places":
        """Return a model folder as it is."""
        return cls(folder, folder, folder)

    @property
    def of_file(self) -> bool:
        """Whether the weights are in a file of their own, which tells nothing of its head."""
        return self.weights not in (None, self.architecture)

    def config(self) -> dict[str, Any]:
        """Return config.json, with the tokenizer's vocabulary where that was trained for it."""
        config = read_config(self.architecture)
        return fitted(config, special_tokens(self.tokenizer)) if self.fits_tokenizer else config


def model_places(spec: ModelSpec, base: Path, tokenizer: Path | None = None) -> Places:
    """Return where the parts of a spec's model are.

    Args:
        spec: the `model` part.
        base: folder that relative locations are relative to.
        tokenizer: the folder of the tokenizer that the spec has trained; not read where it names one.

    Raises:
        ModelError: a location is not found.
    """
    weights = None if spec.weights is None else weights_file(spec.weights, base)
    if spec.from_scratch is None:
        folder = resolve(str(spec.pretrained), spec.revision, base)
        return Places(folder, folder, weights or folder)
    folder, given = resolve(spec.from_scratch.architecture, spec.revision, base), spec.from_scratch.tokenizer
    if isinstance(given, TokenizerTraining):
        return Places(folder, tokenizer or folder, weights, fits_tokenizer=tokenizer is not None)
    return Places(folder, folder if given is None else resolve(given, None, base), weights)


def part_places(part: ModelPart, base: Path, tokenizer: Path | None) -> Places:
    """Return where an encoder or a decoder is.

    Args:
        part: of the spec.
        base: folder that relative locations are relative to.
        tokenizer: the folder of its tokenizer, where the spec has one trained; None for what the spec names.

    Raises:
        ModelError: its location is not found.
    """
    folder = resolve(str(part.pretrained or part.from_scratch), part.revision, base)
    named = resolve(part.tokenizer, None, base) if isinstance(part.tokenizer, str) else folder
    return Places(folder, tokenizer or named, folder if part.pretrained else None, part.tokenizer is not None)


def model_folder(spec: ModelSpec, base: Path) -> Path:
    """Return the folder that describes a spec's network, whatever its family and head are.

    Args:
        spec: the `model` part.
        base: folder that relative locations are relative to.

    Raises:
        ModelError: the model is not found, or is described by no one folder.
    """
    check_described(spec)
    return model_places(spec, base).architecture


def described(spec: ModelSpec, base: Path) -> tuple[Path, Architecture]:
    """Return the folder that describes a spec's network, and what it describes; no weights are read.

    Args:
        spec: the `model` part.
        base: folder that relative locations are relative to.

    Raises:
        ModelError: the model is not found, is described by no one folder, or has no head for a task.
    """
    folder = model_folder(spec, base)
    config = read_config(folder)
    return folder, read_architecture(folder, config, read_family(folder, config), spec.dropout)


def check_described(spec: ModelSpec) -> None:
    """Check that a spec's model is one network that every backend can build.

    Raises:
        ModelError: it is a user's own module, or an encoder-decoder of two parts.
    """
    check_no_module(spec)
    if parts_of(spec)[0] is not None:
        raise ModelError("model.encoder: is for tasks that make a text of another: give pretrained or from_scratch")


def check_no_module(spec: ModelSpec) -> None:
    """Check that a spec's model is described.

    Raises:
        ModelError: it is a user's own module.
    """
    module = module_of(spec)
    if module is not None:
        raise ModelError(
            f"model.module: {module} is a module of one framework, which only ftcore run trains: "
            "give model.pretrained or model.from_scratch"
        )

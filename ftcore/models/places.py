"""Finds the folders and files of a model's parts, and reads the description in its folder."""

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
    """The locations of a model's parts.

    Attributes:
        architecture: the folder of config.json.
        tokenizer: the folder of the tokenizer's files.
        weights: the architecture's folder, or a file; None if every parameter is drawn.
        fits_tokenizer: whether the network gets the vocabulary of another tokenizer than its folder's, so that its
            parameters for each token are drawn.
    """

    architecture: Path
    tokenizer: Path
    weights: Path | None
    fits_tokenizer: bool = False

    @classmethod
    def of(cls, folder: Path) -> "Places":
        """Return the locations within one model folder."""
        return cls(folder, folder, folder)

    @property
    def of_file(self) -> bool:
        """Whether the weights are in a separate file, which does not describe its head."""
        return self.weights not in (None, self.architecture)

    def config(self) -> dict[str, Any]:
        """Return config.json, with the vocabulary of the tokenizer if that was trained for it."""
        config = read_config(self.architecture)
        return fitted(config, special_tokens(self.tokenizer)) if self.fits_tokenizer else config


def model_places(spec: ModelSpec, base: Path, tokenizer: Path | None = None) -> Places:
    """Return the locations of the parts of a spec's model.

    Args:
        spec: the `model` part.
        base: folder that relative locations are relative to.
        tokenizer: the folder of the tokenizer that the spec trains; ignored if the spec names one.

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
    """Return the location of an encoder or a decoder.

    Args:
        part: the part of the spec.
        base: folder that relative locations are relative to.
        tokenizer: the folder of its tokenizer, if the spec trains one; None for the one that the spec names.

    Raises:
        ModelError: its location is not found.
    """
    folder = resolve(str(part.pretrained or part.from_scratch), part.revision, base)
    named = resolve(part.tokenizer, None, base) if isinstance(part.tokenizer, str) else folder
    return Places(folder, tokenizer or named, folder if part.pretrained else None, part.tokenizer is not None)


def model_folder(spec: ModelSpec, base: Path) -> Path:
    """Return the folder that describes a spec's network, for any family and head.

    Args:
        spec: the `model` part.
        base: folder that relative locations are relative to.

    Raises:
        ModelError: the model is not found, or no single folder describes it.
    """
    check_described(spec)
    return model_places(spec, base).architecture


def described(spec: ModelSpec, base: Path) -> tuple[Path, Architecture]:
    """Return the folder that describes a spec's network, and its architecture; no weights are read.

    Args:
        spec: the `model` part.
        base: folder that relative locations are relative to.

    Raises:
        ModelError: the model is not found, no single folder describes it, or it has no head for a task.
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
        raise ModelError(
            "model.encoder: is for tasks that generate a text from another: give pretrained or from_scratch"
        )


def check_no_module(spec: ModelSpec) -> None:
    """Check that a spec's model is described.

    Raises:
        ModelError: it is a user's own module.
    """
    module = module_of(spec)
    if module is not None:
        raise ModelError(
            f"model.module: {module} is a module of one framework, which only ftcore run can train: "
            "give model.pretrained or model.from_scratch"
        )

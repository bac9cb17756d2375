"""From the spec's `model` part to a network with a value for every parameter."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract.network import Architecture, Head, Input, Network, Parameter, TokenBody, TokenHead, Unit
from ftcore.errors import ModelError
from ftcore.models.checkpoint import Checkpoint
from ftcore.models.config import (
    CONFIG,
    ignored_fields,
    notes_of_ignored,
    read_architecture,
    read_config,
    read_family,
    stored_labels,
)
from ftcore.models.description import read_description
from ftcore.models.families import TOKEN_CLASSIFIERS, Family
from ftcore.models.fitted_config import fitted
from ftcore.models.initial import draw
from ftcore.models.kept_head import check_head, check_head_size, has_head, without_task_parameters
from ftcore.models.location import resolve, weights_file
from ftcore.models.matching import Match, known_names, match
from ftcore.models.sentence_files import vector_reading
from ftcore.spec.model import ModelSpec, TokenizerTraining
from ftcore.text import check_tokenizer, special_tokens


@dataclass(frozen=True)
class ModelPlan:
    """A network and where its values come from.

    Attributes:
        network: what a backend builds.
        tensors: every parameter and buffer by its checkpoint name, in the stored type; new ones are float32.
        source: folder or file of the weights; None from scratch.
        tokenizer_folder: folder of the tokenizer's files; of a network of images, of preprocessor_config.json.
        dtype: the checkpoint's type, in which a result is written; "float32" from scratch.
        new: names of the parameters that were drawn.
        ignored: names of the checkpoint's tensors that are known and not needed.
        labels: the checkpoint's own label names, where its head is kept and has them.
        weights_sha256: of the checkpoint's file; None from scratch.
        notes: what was recognised around the checkpoint's tensors, for the user.
        target_tokenizer_folder: folder of the tokenizer of what an encoder-decoder writes; None where it has one alone.
        generation: what generation_config.json says; {} of what is no language model, or generates nothing.
        tokenizer_json: the content of tokenizer.json where it is not that of the folder: it has added tokens.
    """

    network: Network
    tensors: dict[str, np.ndarray]
    source: Path | None
    tokenizer_folder: Path
    dtype: str
    new: tuple[str, ...]
    ignored: tuple[str, ...]
    labels: list[str] | None
    weights_sha256: str | None
    notes: tuple[str, ...] = ()
    target_tokenizer_folder: Path | None = None
    generation: Mapping[str, Any] = field(default_factory=dict)
    tokenizer_json: str | None = None

    @property
    def is_pretrained(self) -> bool:
        """Whether the values are those of the folder that describes the network."""
        return self.source == self.tokenizer_folder


def plan_model(
    spec: ModelSpec,
    outputs: int,
    pair: str,
    seed: int,
    base: Path,
    unit: Unit = "sequence",
    tokenizer: Path | None = None,
) -> ModelPlan:
    """Return the network that a spec asks for, with its values.

    Args:
        spec: the `model` part.
        outputs: number of logits; 0 for a network that stops at the pooled vector.
        pair: "separate" for two sequences an example, else "joint".
        seed: keys the draws of new parameters.
        base: folder that relative locations are relative to.
        unit: what the logits are of.
        tokenizer: the folder of the tokenizer that the spec has trained; not read where it names one.

    Raises:
        ModelError: the model is not found, is not supported, or does not fit; one line that says what to do.
    """
    check_described(spec)
    places = model_places(spec, base, tokenizer)
    plan = (_drawn_plan if places.weights is None else _stored_plan)(spec, places, outputs, pair, seed, unit)
    table = plan.network.architecture.token_table
    if table is not None:
        check_tokenizer(places.tokenizer, table.shape[0])
    elif spec.from_scratch is not None and spec.from_scratch.tokenizer is not None:
        family = plan.network.architecture.family
        raise ModelError(f"model.from_scratch.tokenizer: is for texts, which {family} does not read here: leave it out")
    return plan


def plan_pretrained(spec: ModelSpec, folder: Path, outputs: int, pair: str, seed: int) -> ModelPlan:
    """Return the network that a spec asks for, with the values of a model folder, which needs no tokenizer here.

    Args:
        spec: the `model` part; its location is not read.
        folder: holds config.json and the weights.
        outputs: number of logits; 0 for a network that stops at the pooled vector.
        pair: "separate" for two sequences an example, else "joint".
        seed: keys the draws of new parameters.

    Raises:
        ModelError: the model is not supported, or does not fit.
    """
    return _stored_plan(spec, Places(folder, folder, folder), outputs, pair, seed, "sequence")


def described(spec: ModelSpec, base: Path, reads: Input | None) -> tuple[Path, Architecture]:
    """Return the folder that describes a spec's network, and what it describes; no weights are read.

    Args:
        spec: the `model` part.
        base: folder that relative locations are relative to.
        reads: what the network is to be given; None for whatever it takes.

    Raises:
        ModelError: the model is not found, is not supported, or is given something else.
    """
    check_described(spec)
    folder = model_places(spec, base).architecture
    config = read_config(folder)
    found = read_architecture(folder, config, read_family(folder, config), spec.dropout)
    if reads not in (None, found.reads):
        raise ModelError(
            f"{folder / CONFIG}: the {found.family} that it describes reads {found.reads}, where {reads} are given"
        )
    return folder, found


def check_described(spec: ModelSpec) -> None:
    """Check that a spec's model is one network that every backend can build.

    Raises:
        ModelError: it is a user's own module, or an encoder-decoder of two parts.
    """
    check_no_module(spec)
    if spec.encoder is not None:
        raise ModelError("model.encoder: is for tasks that make a text of another: give pretrained or from_scratch")


def check_no_module(spec: ModelSpec) -> None:
    """Check that a spec's model is described.

    Raises:
        ModelError: it is a user's own module.
    """
    if spec.module is not None:
        raise ModelError(
            f"model.module: {spec.module} is a module of one framework, which only ftcore run trains: "
            "give model.pretrained or model.from_scratch"
        )


@dataclass(frozen=True)
class Places:
    """Where the parts of a model are.

    Attributes:
        architecture: the folder of config.json.
        tokenizer: the folder of the tokenizer's files.
        weights: the architecture's folder, or a file; None where every parameter is drawn.
        fits_tokenizer: whether the network's vocabulary is that of the tokenizer, which was trained for it.
    """

    architecture: Path
    tokenizer: Path
    weights: Path | None
    fits_tokenizer: bool = False

    def config(self) -> dict[str, Any]:
        """Return config.json, with the tokenizer's vocabulary where that was trained for it."""
        config = read_config(self.architecture)
        return fitted(config, special_tokens(self.tokenizer)) if self.fits_tokenizer else config


def model_places(spec: ModelSpec, base: Path, tokenizer: Path | None = None) -> Places:
    """Return where the parts of a spec's model are; `tokenizer` as for `plan_model`."""
    weights = None if spec.weights is None else weights_file(spec.weights, base)
    if spec.from_scratch is None:
        folder = resolve(str(spec.pretrained), spec.revision, base)
        return Places(folder, folder, weights or folder)
    folder, given = resolve(spec.from_scratch.architecture, spec.revision, base), spec.from_scratch.tokenizer
    if isinstance(given, TokenizerTraining):
        return Places(folder, tokenizer or folder, weights, fits_tokenizer=tokenizer is not None)
    return Places(folder, folder if given is None else resolve(given, None, base), weights)


def _drawn_plan(spec: ModelSpec, places: Places, outputs: int, pair: str, seed: int, unit: Unit) -> ModelPlan:
    folder, config = places.architecture, places.config()
    family = read_family(folder, config, unit)
    architecture = read_architecture(folder, config, family, spec.dropout)
    said = _said(spec, {}, family, folder, unit)
    network = Network(architecture, _head(family, architecture, outputs, spec, said, pair, unit))
    return ModelPlan(
        network=network,
        tensors=drawn_tensors(network.tensors, architecture, seed),
        source=None,
        tokenizer_folder=places.tokenizer,
        dtype="float32",
        new=tuple(parameter.name for parameter in network.tensors),
        ignored=(),
        labels=None,
        weights_sha256=None,
    )


def _stored_plan(spec: ModelSpec, places: Places, outputs: int, pair: str, seed: int, unit: Unit) -> ModelPlan:
    folder, weights = places.architecture, places.weights or places.architecture
    alone = weights != folder
    config, description = places.config(), read_description(folder) or {}
    family = read_family(folder, config, unit)
    architecture = read_architecture(folder, config, family, spec.dropout)
    said = _said(spec, description, family, folder, unit)
    network = Network(architecture, _head(family, architecture, outputs, spec, said, pair, unit))
    checkpoint = Checkpoint.open(weights, known_names(network, family) if alone else ())
    keeps_head = outputs > 0 and not spec.replace_head and has_head(checkpoint, network, family)
    if keeps_head and not alone:
        check_head(checkpoint, network, family, config, description)
    elif keeps_head:
        check_head_size(checkpoint, network, family)
    matched = match(
        checkpoint, network, family, network.tensors if keeps_head else without_task_parameters(network, family)
    )
    _check_new(checkpoint.path, network, matched)
    return ModelPlan(
        network=network,
        tensors=read_tensors(checkpoint, network, matched) | drawn_tensors(matched.new, architecture, seed),
        source=checkpoint.path,
        tokenizer_folder=places.tokenizer,
        dtype=checkpoint.dtype,
        new=tuple(parameter.name for parameter in matched.new),
        ignored=matched.ignored,
        labels=_labels(config, outputs, alone) if keeps_head else None,
        weights_sha256=checkpoint.sha256(),
        notes=(
            *notes_of_ignored(ignored_fields(config, family, unit)),
            *checkpoint.notes,
            *([_head_note(weights)] if keeps_head and alone and outputs > 1 else []),
        ),
    )


def _labels(config: Mapping[str, Any], outputs: int, alone: bool) -> list[str] | None:
    """Return the config's label names; beside a file of weights alone, only where they can be those of its head."""
    labels = stored_labels(config)
    return None if alone and labels is not None and len(labels) != outputs else labels


def _head_note(weights: Path) -> str:
    return f"{weights.name}: its head is kept, and its outputs are taken to be in the order of the data's labels"


def _head(
    family: Family,
    architecture: Architecture,
    outputs: int,
    spec: ModelSpec,
    description: Mapping[str, Any],
    pair: str,
    unit: Unit,
) -> Head | TokenHead:
    """Return the head that a spec asks for; what it leaves open is as ftcore.json says, or the family's own."""
    if unit == "token":
        return TOKEN_CLASSIFIERS[family.name].token_classifier(architecture, outputs)
    pooling = spec.pooling or description.get("pooling", family.pooling)
    normalize = description.get("normalize", False) if spec.normalize is None else spec.normalize
    head = family.head(architecture, outputs, pooling, pair)
    return replace(head, normalize=normalize, vectors=unit == "vector")


def _said(
    spec: ModelSpec, description: Mapping[str, Any], family: Family, folder: Path, unit: Unit
) -> Mapping[str, Any]:
    """Return what a folder says of its head, in the words of ftcore.json: of vectors also by other files."""
    if unit != "vector" or (spec.pooling is not None and spec.normalize is not None):
        return description
    # A pooler was not trained to give vectors that are near to each other.
    return vector_reading(folder, description, "mean" if family.body_class else family.pooling)


def _check_new(folder: Path, network: Network, matched: Match) -> None:
    if network.head.outputs == 0 and matched.new:
        raise ModelError(
            f"{folder}: the checkpoint has no pooler ({matched.new[0].name!r}), and features of a random one mean "
            "nothing: choose pooling cls, mean or max"
        )


def read_tensors(checkpoint: Checkpoint, network: Network, matched: Match) -> dict[str, np.ndarray]:
    """Return the network's tensors that a checkpoint has, in their stored types."""
    found = [tensor for tensor in network.tensors if tensor.name in matched.sources]
    return {
        # A count is the one tensor that is not floating.
        tensor.name: (checkpoint.read_stored if tensor.role == "count" else checkpoint.read)(
            matched.sources[tensor.name]
        )
        for tensor in found
    }


def drawn_tensors(parameters: tuple[Parameter, ...], architecture: Architecture, seed: int) -> dict[str, np.ndarray]:
    """Return new values of parameters and buffers."""
    # Bodies that read no tokens draw nothing by it.
    scale = architecture.body.initializer_range if isinstance(architecture.body, TokenBody) else 0.0
    return {parameter.name: draw(parameter, scale, seed) for parameter in parameters}

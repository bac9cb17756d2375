"""From the spec's `model` part to a network with a value for every parameter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.errors import ModelError
from ftcore.models.checkpoint import Checkpoint
from ftcore.models.config import CONFIG, read_architecture, read_config, read_family, stored_labels
from ftcore.models.description import read_description
from ftcore.models.families import Family
from ftcore.models.initial import draw
from ftcore.models.kept_head import check_head, has_head, without_task_parameters
from ftcore.models.location import resolve
from ftcore.models.matching import Match, match
from ftcore.models.network import Architecture, Head, Network, Parameter, TokenBody
from ftcore.models.tokenizer_files import check_tokenizer
from ftcore.spec.model import FromScratch, ModelSpec


@dataclass(frozen=True)
class ModelPlan:
    """A network and where its values come from.

    Attributes:
        network: what a backend builds.
        tensors: every parameter by its checkpoint name, in the stored type; new ones are float32.
        source: folder of the weights; None from scratch.
        tokenizer_folder: folder of the tokenizer's files.
        dtype: the checkpoint's type, in which a result is written; "float32" from scratch.
        new: names of the parameters that were drawn.
        ignored: names of the checkpoint's tensors that are known and not needed.
        labels: the checkpoint's own label names, where its head is kept and has them.
        weights_sha256: of the checkpoint's file; None from scratch.
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


def plan_model(spec: ModelSpec, outputs: int, pair: str, seed: int, base: Path) -> ModelPlan:
    """Return the network that a spec asks for, with its values.

    Args:
        spec: the `model` part.
        outputs: number of logits; 0 for a network that stops at the pooled vector.
        pair: "separate" for two sequences an example, else "joint".
        seed: keys the draws of new parameters.
        base: folder that relative locations are relative to.

    Raises:
        ModelError: the model is not found, is not supported, or does not fit; one line that says what to do.
    """
    if spec.from_scratch is not None:
        return _from_scratch(spec, spec.from_scratch, outputs, pair, seed, base)
    folder = resolve(str(spec.pretrained), spec.revision, base)
    return _pretrained(spec, folder, outputs, pair, seed)


def _from_scratch(spec: ModelSpec, scratch: FromScratch, outputs: int, pair: str, seed: int, base: Path) -> ModelPlan:
    folder = resolve(scratch.architecture, spec.revision, base)
    tokenizer_folder = folder if scratch.tokenizer is None else resolve(scratch.tokenizer, None, base)
    config = read_config(folder)
    family = read_family(folder, config)
    architecture = read_architecture(folder, config, family, spec.dropout)
    check_tokenizer(tokenizer_folder, _vocabulary(folder, architecture))
    network = Network(architecture, _head(family, architecture, outputs, spec, {}, pair))
    return ModelPlan(
        network=network,
        tensors=_drawn(network.parameters, architecture, seed),
        source=None,
        tokenizer_folder=tokenizer_folder,
        dtype="float32",
        new=tuple(parameter.name for parameter in network.parameters),
        ignored=(),
        labels=None,
        weights_sha256=None,
    )


def _pretrained(spec: ModelSpec, folder: Path, outputs: int, pair: str, seed: int) -> ModelPlan:
    config, description = read_config(folder), read_description(folder) or {}
    family = read_family(folder, config)
    architecture = read_architecture(folder, config, family, spec.dropout)
    network = Network(architecture, _head(family, architecture, outputs, spec, description, pair))
    checkpoint = Checkpoint.open(folder)
    keeps_head = outputs > 0 and not spec.replace_head and has_head(checkpoint, network, family)
    if keeps_head:
        check_head(checkpoint, network, family, config, description)
    matched = match(
        checkpoint, network, family, network.parameters if keeps_head else without_task_parameters(network, family)
    )
    _check_new(folder, network, matched)
    check_tokenizer(folder, _vocabulary(folder, architecture))
    return ModelPlan(
        network=network,
        tensors=_read(checkpoint, network, matched) | _drawn(matched.new, architecture, seed),
        source=folder,
        tokenizer_folder=folder,
        dtype=checkpoint.dtype,
        new=tuple(parameter.name for parameter in matched.new),
        ignored=matched.ignored,
        labels=stored_labels(config) if keeps_head else None,
        weights_sha256=checkpoint.sha256(),
    )


def _head(
    family: Family, architecture: Architecture, outputs: int, spec: ModelSpec, description: Mapping[str, Any], pair: str
) -> Head:
    """Return the head that a spec asks for; what it leaves open is as ftcore.json says, or the family's own."""
    pooling = spec.pooling or description.get("pooling", "pooler")
    normalize = description.get("normalize", False) if spec.normalize is None else spec.normalize
    return replace(family.head(architecture, outputs, pooling, pair), normalize=normalize)


def _check_new(folder: Path, network: Network, matched: Match) -> None:
    if network.head.outputs == 0 and matched.new:
        raise ModelError(
            f"{folder}: the checkpoint has no pooler ({matched.new[0].name!r}), and features of a random one mean "
            "nothing: choose pooling cls, mean or max"
        )


def _read(checkpoint: Checkpoint, network: Network, matched: Match) -> dict[str, np.ndarray]:
    named = [parameter.name for parameter in network.parameters if parameter.name in matched.sources]
    return {name: checkpoint.read(matched.sources[name]) for name in named}


def _drawn(parameters: tuple[Parameter, ...], architecture: Architecture, seed: int) -> dict[str, np.ndarray]:
    if not isinstance(architecture.body, TokenBody):
        raise TypeError(f"a {type(architecture.body).__name__} reads no tokens")
    scale = architecture.body.initializer_range
    return {parameter.name: draw(parameter, scale, seed) for parameter in parameters}


def _vocabulary(folder: Path, architecture: Architecture) -> int:
    table = architecture.token_table
    if table is None:
        raise ModelError(f"{folder / CONFIG}: the {architecture.family} that it describes reads no tokens, but numbers")
    return table.shape[0]

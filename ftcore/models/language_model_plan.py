"""From the spec's `model` part, or a model folder, to a language model with a value for every parameter."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract.network import Architecture, Network, TokenHead
from ftcore.errors import ModelError
from ftcore.models.checkpoint import Checkpoint
from ftcore.models.config import (
    ignored_by_language_model,
    notes_of_ignored,
    read_architecture,
    read_language_model_family,
)
from ftcore.models.families import LanguageModelFamily
from ftcore.models.generation_config import generation_config
from ftcore.models.matching import known_names, match
from ftcore.models.plan import ModelPlan, Places, check_no_module, drawn_tensors, model_places, read_tensors
from ftcore.models.warm_start import part_of, plan_bert2bert, with_copied_cross_attention
from ftcore.spec.model import ModelSpec
from ftcore.text import TARGET_TOKENIZER, check_tokenizer


def plan_generator(spec: ModelSpec, tokenizer: Path, target_tokenizer: Path, seed: int, base: Path) -> ModelPlan:
    """Return the language model that a spec asks for: a decoder, a masked language model, or an encoder-decoder.

    Args:
        spec: the `model` part.
        tokenizer: the folder of the tokenizer of what the network reads, as
            `ftcore.runs.tokenizer_folders.tokenizer_folder` gives it.
        target_tokenizer: that of what an encoder-decoder writes; the same one where it has one alone.
        seed: keys the draws of new parameters.
        base: folder that relative locations are relative to.

    Raises:
        ModelError: the model is not found, is not supported, or does not fit; one line that says what to do.
    """
    check_no_module(spec)
    if spec.encoder is not None and spec.decoder is not None:
        encoder, decoder = part_of(spec.encoder, tokenizer, base), part_of(spec.decoder, target_tokenizer, base)
        plan = plan_bert2bert(encoder, decoder, spec.dropout, seed)
        return with_copied_cross_attention(plan) if spec.cross_attention == "copied" else plan
    places = model_places(spec, base, tokenizer)
    plan = (_drawn if places.weights is None else _stored)(places, spec.dropout, seed)
    tables = plan.network.architecture.token_tables
    check_tokenizer(places.tokenizer, tables[0].shape[0])
    check_tokenizer(plan.target_tokenizer_folder or places.tokenizer, tables[-1].shape[0])
    return plan


def plan_language_model(folder: Path, dropout: float | None = None, seed: int = 0) -> ModelPlan:
    """Return the language model of a folder, with its own head and its values.

    Args:
        folder: holds config.json, the weights and the tokenizer.
        dropout: replaces every dropout rate of the config, or None.
        seed: keys the draws of buffers that the checkpoint does not have, and of BERT's head where it has none.

    Raises:
        ModelError: the model is not supported or has no language model's head, or the checkpoint does not fit.
    """
    return _stored(Places(folder, folder, folder), dropout, seed)


def with_generation(plan: ModelPlan, fields: Mapping[str, Any]) -> ModelPlan:
    """Return a plan whose config.json and generation_config.json have other fields of generation.

    Args:
        plan: of a language model that generates.
        fields: such as decoder_start_token_id; `ftcore.text.languages.Languages.generation` gives those of languages.
    """
    architecture = plan.network.architecture
    said = replace(architecture, config={**architecture.config, **fields})
    return replace(plan, network=replace(plan.network, architecture=said), generation={**plan.generation, **fields})


def _drawn(places: Places, dropout: float | None, seed: int) -> ModelPlan:
    config = places.config()
    family = read_language_model_family(places.architecture, config)
    architecture = read_architecture(places.architecture, config, family, dropout)
    network = Network(architecture, family.token_head(architecture, family.is_tied(config)))
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
        notes=_notes(config, family),
        generation=generation_config(architecture),
    )


def _stored(places: Places, dropout: float | None, seed: int) -> ModelPlan:
    folder, config = places.architecture, places.config()
    family = read_language_model_family(folder, config)
    architecture = read_architecture(folder, config, family, dropout)
    checkpoint = _open(places, architecture, family)
    tied = family.is_tied(config) and _is_table(checkpoint, family, architecture)
    network = Network(architecture, family.token_head(architecture, tied))
    stored = _without_absent_head(network, checkpoint, family)
    matched = match(checkpoint, stored, family, stored.tensors)
    new = tuple(parameter for parameter in network.tensors if parameter.name not in matched.sources)
    target = folder / TARGET_TOKENIZER
    return ModelPlan(
        network=network,
        tensors=read_tensors(checkpoint, stored, matched) | drawn_tensors(new, architecture, seed),
        source=checkpoint.path,
        tokenizer_folder=places.tokenizer,
        dtype=checkpoint.dtype,
        new=tuple(parameter.name for parameter in new if parameter.role != "constant"),
        ignored=matched.ignored,
        labels=None,
        weights_sha256=checkpoint.sha256(),
        notes=(*_notes(config, family), *checkpoint.notes),
        target_tokenizer_folder=target if target.is_dir() else None,
        generation=generation_config(architecture, folder),
    )


def _open(places: Places, architecture: Architecture, family: LanguageModelFamily) -> Checkpoint:
    """Open the weights: the folder's own, or a file of weights alone, whose names may be wrapped."""
    if places.weights in (None, places.architecture):
        return Checkpoint.open(places.architecture)
    network = Network(architecture, family.token_head(architecture, tied=False))
    return Checkpoint.open(places.weights or places.architecture, known_names(network, family))


def _notes(config: dict[str, Any], family: LanguageModelFamily) -> tuple[str, ...]:
    return tuple(notes_of_ignored(ignored_by_language_model(config, family)))


def _without_absent_head(network: Network, checkpoint: Checkpoint, family: LanguageModelFamily) -> Network:
    """Return the network without the parameters of an encoder's head that the checkpoint has nothing of.

    An encoder alone is a whole model, of which a masked language model's head is then drawn; a decoder's head belongs
    to its checkpoint.
    """
    head = network.head
    stored = any(alias in checkpoint for one in head.parameters for alias in family.aliases(one.name))
    if network.architecture.generates or stored or not isinstance(head, TokenHead):
        return network
    return replace(network, head=replace(head, parameters=()))


def _is_table(checkpoint: Checkpoint, family: LanguageModelFamily, architecture: Architecture) -> bool:
    """Return whether the head's weight is the token table: whatever the config says, one that differs is its own.

    Raises:
        ModelError: another copy of the table differs from it.
    """
    table = architecture.token_tables[-1].name
    stored = next((name for name in family.aliases(table) if name in checkpoint), None)
    differing = [
        name
        for name in (family.head_weight, *family.table_copies)
        if stored is not None and name in checkpoint and not _same(checkpoint, name, stored)
    ]
    if others := [name for name in differing if name != family.head_weight]:
        raise ModelError(f"{checkpoint.path}: {others[0]!r} and {stored!r} differ, and are one table in this family")
    return not differing


def _same(checkpoint: Checkpoint, one: str, other: str) -> bool:
    return checkpoint.shape(one) == checkpoint.shape(other) and bool(
        np.array_equal(checkpoint.read(one), checkpoint.read(other))
    )

"""From a model folder to a language model with a value for every parameter."""

from pathlib import Path

import numpy as np

from ftcore.errors import ModelError
from ftcore.models.checkpoint import Checkpoint
from ftcore.models.config import (
    ignored_by_language_model,
    notes_of_ignored,
    read_architecture,
    read_config,
    read_language_model_family,
)
from ftcore.models.families import LanguageModelFamily
from ftcore.models.matching import match
from ftcore.models.network import TABLE_PATH, Architecture, Network
from ftcore.models.plan import ModelPlan, drawn_tensors, read_tensors


def plan_language_model(folder: Path, dropout: float | None = None, seed: int = 0) -> ModelPlan:
    """Return the language model of a folder, with its own head and its values.

    Args:
        folder: holds config.json, the weights and the tokenizer.
        dropout: replaces every dropout rate of the config, or None.
        seed: keys the draws of buffers that the checkpoint does not have.

    Raises:
        ModelError: the model is not supported or has no language model's head, or the checkpoint does not fit.
    """
    config = read_config(folder)
    family = read_language_model_family(folder, config)
    architecture = read_architecture(folder, config, family, dropout)
    checkpoint = Checkpoint.open(folder)
    tied = family.is_tied(config) and _is_table(checkpoint, family, architecture)
    network = Network(architecture, family.token_head(architecture, tied))
    matched = match(checkpoint, network, family, network.tensors)
    return ModelPlan(
        network=network,
        tensors=read_tensors(checkpoint, network, matched) | drawn_tensors(matched.new, architecture, seed),
        source=folder,
        tokenizer_folder=folder,
        dtype=checkpoint.dtype,
        new=(),
        ignored=matched.ignored,
        labels=None,
        weights_sha256=checkpoint.sha256(),
        notes=(*notes_of_ignored(ignored_by_language_model(config, family)), *checkpoint.notes),
    )


def _is_table(checkpoint: Checkpoint, family: LanguageModelFamily, architecture: Architecture) -> bool:
    """Return whether the head's weight is the token table: whatever the config says, one that differs is its own.

    Raises:
        ModelError: another copy of the table differs from it.
    """
    table = [parameter.name for parameter in architecture.parameters if parameter.path.endswith(TABLE_PATH)][-1]
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

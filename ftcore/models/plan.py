"""Plans the network of a spec's `model` part and a kind of head, with a value for every parameter."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftcore.contract.network import Network
from ftcore.contract.weights import Checkpoint
from ftcore.errors import ModelError
from ftcore.models.config import notes_of_ignored, read_architecture
from ftcore.models.description import read_said
from ftcore.models.heads import HeadKind, LanguageModelHead
from ftcore.models.heads.base import Described
from ftcore.models.initial import drawn_tensors
from ftcore.models.matching import Match, match, read_tensors
from ftcore.models.model_plan import ModelPlan
from ftcore.models.places import Places, check_described, check_no_module, model_places, part_places
from ftcore.models.settings import ModelSpec, copies_cross_attention, parts_of
from ftcore.models.warm_start import plan_bert2bert, with_copied_cross_attention
from ftcore.text import TARGET_TOKENIZER, check_class, check_tokenizer


def plan_model(
    spec: ModelSpec,
    head: HeadKind,
    seed: int,
    base: Path,
    tokenizer: Path | None = None,
    target_tokenizer: Path | None = None,
    description: Mapping[str, Any] | None = None,
) -> ModelPlan:
    """Return the network of a spec with its values.

    Args:
        spec: the `model` part.
        head: the kind of head that it gets.
        seed: seed of new parameters.
        base: folder of relative locations.
        tokenizer: the folder of the input tokenizer that the spec trains; ignored if the spec names one.
        target_tokenizer: the same for the target of an encoder-decoder of two parts.
        description: content of ftcore.json, whose field `head` names the kind of head; None to read it from the folder
            of the weights. Without that field, architectures in config.json name the head.

    Raises:
        ModelError: the model is not found, is not supported, or does not fit; one line that says what to do.
    """
    (check_no_module if head.joins_parts else check_described)(spec)
    encoder, decoder = parts_of(spec)
    if encoder is not None and decoder is not None:
        parts = part_places(encoder, base, tokenizer), part_places(decoder, base, target_tokenizer)
        joined = plan_bert2bert(*parts, spec.dropout, seed)
        return with_copied_cross_attention(joined) if copies_cross_attention(spec) else joined
    places = model_places(spec, base, tokenizer)
    if places.weights is None:
        plan = _drawn(spec, head, places, seed)
    else:
        plan = _stored(spec, head, places, places.weights, seed, description)
    _check_tokenizers(spec, plan, places)
    return plan


def plan_pretrained(
    spec: ModelSpec, folder: Path, head: HeadKind, seed: int = 0, description: Mapping[str, Any] | None = None
) -> ModelPlan:
    """Return the network of a spec with the values of a model folder, which needs no tokenizer here.

    Args:
        spec: the `model` part; its location is ignored.
        folder: holds config.json and the weights.
        head: the kind of head that it gets.
        seed: seed of new parameters.
        description: see `plan_model`.

    Raises:
        ModelError: the model is not supported, or does not fit.
    """
    return _stored(spec, head, Places.of(folder), folder, seed, description)


def plan_language_model(folder: Path, dropout: float | None = None, seed: int = 0) -> ModelPlan:
    """Return the language model of a folder, with its own head and its values.

    Args:
        folder: holds config.json, the weights and the tokenizer.
        dropout: replaces every dropout rate of the config, or None.
        seed: seed of buffers that the checkpoint does not have, and of BERT's head if it has none.

    Raises:
        ModelError: the model is not supported, has no language model's head, or the checkpoint does not fit.
    """
    return plan_pretrained(ModelSpec(pretrained=str(folder), dropout=dropout), folder, LanguageModelHead(), seed)


def _described(spec: ModelSpec, head: HeadKind, places: Places, said: Mapping[str, Any]) -> Described:
    folder, config = places.architecture, places.config()
    architecture = read_architecture(folder, config, head.family(folder, config), spec.dropout)
    return Described(folder, config, architecture, spec, said)


def _drawn(spec: ModelSpec, head: HeadKind, places: Places, seed: int) -> ModelPlan:
    described = _described(spec, head, places, {})
    network = Network(described.architecture, head.head(described))
    return ModelPlan(
        network=network,
        tensors=drawn_tensors(network.tensors, network.architecture, seed),
        source=None,
        tokenizer_folder=places.tokenizer,
        dtype="float32",
        new=tuple(parameter.name for parameter in network.tensors),
        ignored=(),
        labels=None,
        weights_sha256=None,
        notes=head.notes_from_scratch(described.config),
        generation=head.generation(network.architecture, None),
    )


def _stored(
    spec: ModelSpec,
    head: HeadKind,
    places: Places,
    weights: Path,
    seed: int,
    description: Mapping[str, Any] | None,
) -> ModelPlan:
    folder = places.architecture
    described = _described(spec, head, places, read_said(folder) if description is None else description)
    family = head.family(folder, described.config)
    checkpoint = Checkpoint.open(weights, head.names(described))
    fitted = head.fitted(described, checkpoint, places.of_file)
    network, target = fitted.network, folder / TARGET_TOKENIZER
    matched = match(checkpoint, network, family, fitted.wanted)
    _check_new(checkpoint.path, network, matched)
    ignored = notes_of_ignored(head.ignored_fields(described.config))
    return ModelPlan(
        network=network,
        tensors=read_tensors(checkpoint, network, matched) | drawn_tensors(matched.new, network.architecture, seed),
        source=checkpoint.path,
        tokenizer_folder=places.tokenizer,
        dtype=checkpoint.dtype,
        new=tuple(parameter.name for parameter in matched.new if parameter.role != "constant"),
        ignored=matched.ignored,
        labels=fitted.labels,
        weights_sha256=checkpoint.sha256(),
        notes=(*ignored, *checkpoint.notes, *fitted.notes),
        target_tokenizer_folder=target if target.is_dir() else None,
        generation=head.generation(network.architecture, folder),
        is_unnamed=fitted.is_unnamed,
    )


def _check_new(folder: Path, network: Network, matched: Match) -> None:
    if network.head.outputs == 0 and matched.new:
        raise ModelError(
            f"{folder}: the checkpoint has no pooler ({matched.new[0].name!r}), and a random one gives meaningless "
            "features: choose pooling cls, mean or max"
        )


def _check_tokenizers(spec: ModelSpec, plan: ModelPlan, places: Places) -> None:
    """Check that the ids of the tokenizers are rows of the network's tables."""
    tables = [table.shape[0] for table in plan.network.architecture.token_tables]
    if not tables and spec.from_scratch is not None and spec.from_scratch.tokenizer is not None:
        family = plan.network.architecture.family
        raise ModelError(
            f"model.from_scratch.tokenizer: is for texts, but {family} does not read texts here: leave it out"
        )
    if tables and places.tokenizer != places.architecture:
        check_class(places.tokenizer, plan.network.architecture.family)
    folders = (places.tokenizer, plan.target_tokenizer_folder or places.tokenizer)
    for folder, rows in dict.fromkeys(zip(folders, (tables[0], tables[-1]), strict=True)) if tables else ():
        check_tokenizer(folder, rows)

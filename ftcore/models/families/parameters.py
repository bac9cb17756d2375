"""Builds the parameters of a transformer with each family's names."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ftcore.contract.network import (
    DECODER,
    ENCODER,
    TABLE_PATH,
    Architecture,
    Attention,
    EncoderDecoder,
    Norm,
    Parameter,
    Patches,
    Transformer,
    TransformersNames,
)
from ftcore.models.families.base import Family, LanguageModelFamily


@dataclass(frozen=True)
class Names:
    """A family's names of modules within its body.

    Attributes:
        prefix: prefix of every name of the body in a model with a head: "bert.".
        layers: name of a block, with {} for its number: "encoder.layer.{}".
        dense: maps the canonical path of each linear map in a block to its name.
        norms: maps the canonical path of each norm in a block to its name.
        dropouts: maps the canonical path of each place with dropout in a block to its module.
        outside: maps canonical paths outside blocks to names: "embeddings.tokens", "embeddings.positions",
            "embeddings.token_types", "embeddings.norm", "embeddings.projection", "relative_positions",
            "relative_positions.norm", "convolution", "convolution.norm", "final_norm"; for patches of an image
            "embeddings.class_token", "embeddings.distillation_token", "embeddings.positions",
            "embeddings.projection".
        embedding_dropout: the dropout module of the embeddings, or None.
        final_dropout: the dropout module after the final norm, or None.
        inputs_first: whether linear maps are stored [inputs, outputs].
    """

    prefix: str
    layers: str
    dense: Mapping[str, str]
    norms: Mapping[str, str]
    dropouts: Mapping[str, str]
    outside: Mapping[str, str] = field(default_factory=dict)
    embedding_dropout: str | None = None
    inputs_first: bool = False
    final_dropout: str | None = None


def in_transformers(family: Family | LanguageModelFamily) -> TransformersNames:
    """Return what transformers calls the models of a family."""
    body, language_model = (getattr(family, name, "") for name in ("body_class", "language_model_class"))
    return TransformersNames(body, language_model, family.prefix)


def architecture(
    family: Family,
    body: Transformer,
    names: Names,
    config: Mapping[str, Any],
    padding: int | None,
    *,
    packs: bool = True,
) -> Architecture:
    """Return a body of a family with its parameters; `padding` is the padding token's id."""
    return Architecture(
        body,
        body_parameters(body, names, padding),
        family.name,
        config,
        packs=packs,
        float32_inside=body.norm.kind == "rms" or bool(body.attention.rotaries),
        dropout_modules=dropout_modules(body, names),
        transformers=in_transformers(family),
    )


def encoder_decoder(
    family: LanguageModelFamily,
    body: EncoderDecoder,
    names: tuple[Names, Names],
    config: Mapping[str, Any],
    shared: str | None = None,
) -> Architecture:
    """Return an encoder and a decoder with their parameters.

    Args:
        family: its prefix begins the names of the body in a model with a head.
        body: description of the body.
        names: names of the encoder's and the decoder's modules.
        config: the config as read.
        shared: name of the token table that both share, or None.
    """
    parts = ((ENCODER, body.encoder, names[0]), (DECODER, body.decoder, names[1]))
    parameters = [] if shared is None else [_shared_table(shared, body.encoder)]
    buffers: list[Parameter] = []
    modules: dict[str, str] = {}
    for path, part, own in parts:
        parameters += body_parameters(part, own, part.untrained_token, path, tokens=shared is None)
        buffers += body_buffers(part, own, path)
        within = own.prefix.removeprefix(family.prefix)
        modules |= {f"{path}{site}": f"{within}{module}" for site, module in dropout_modules(part, own).items()}
    return Architecture(
        body,
        tuple(parameters),
        family.name,
        config,
        float32_inside=any(part.norm.kind == "rms" for _, part, _ in parts),
        dropout_modules=modules,
        buffers=tuple(buffers),
        transformers=in_transformers(family),
    )


def _shared_table(name: str, body: Transformer) -> Parameter:
    shape = (body.vocabulary, body.embedding or body.hidden)
    return Parameter(f"{name}.weight", TABLE_PATH, shape, "embedding", "normal", body.untrained_token)


def body_parameters(
    body: Transformer, names: Names, pad_row: int | None, part: str = "", tokens: bool = True
) -> tuple[Parameter, ...]:
    """Return every parameter of a body.

    Args:
        body: description of the body.
        names: names of its modules.
        pad_row: the row of the token table that starts at zero.
        part: prefix of their canonical paths, ENCODER or DECODER or "".
        tokens: whether the body has its own token table.
    """
    outside = {path: f"{names.prefix}{name}" for path, name in names.outside.items()}
    if body.patches is None:
        parameters = _token_embeddings(body, outside, pad_row, tokens)
    else:
        parameters = _patch_embeddings(body, body.patches, outside)
    parameters += [*_relative_positions(body, outside), *_convolution(body, outside)]
    for index in range(body.blocks):
        parameters += _block(index, body, names)
    if body.final_norm:
        parameters += norm("final_norm", outside["final_norm"], body.hidden, body.norm)
    return tuple(replace(one, path=f"{part}{one.path}") for one in parameters)


def body_buffers(body: Transformer, names: Names, part: str = "") -> tuple[Parameter, ...]:
    """Return the buffers that are saved with a body's parameters; `part` as in `body_parameters`."""
    if not body.static_positions:
        return ()
    name, path = f"{names.prefix}{names.outside['embeddings.positions']}.weight", f"{part}embeddings.positions"
    return (Parameter(name, path, (body.positions, body.embedding or body.hidden), "constant", "sinusoidal"),)


def _token_embeddings(
    body: Transformer, outside: Mapping[str, str], pad_row: int | None, tokens: bool
) -> list[Parameter]:
    embedding = body.embedding or body.hidden
    tables = {
        TABLE_PATH: (body.vocabulary if tokens else 0, pad_row),
        "embeddings.positions": (body.positions if body.position_table and not body.static_positions else 0, None),
        "embeddings.token_types": (body.token_types, None),
    }
    parameters = [
        Parameter(f"{outside[path]}.weight", path, (rows, embedding), "embedding", "normal", zero)
        for path, (rows, zero) in tables.items()
        if rows
    ]
    if body.embedding_norm:
        size = body.hidden if body.projects_first else embedding
        parameters += norm("embeddings.norm", outside["embeddings.norm"], size, body.norm)
    if body.embedding is not None:
        name, bias = outside["embeddings.projection"], not body.projects_first
        parameters += dense("embeddings.projection", name, body.hidden, embedding, bias=bias)
    return parameters


def _patch_embeddings(body: Transformer, patches: Patches, outside: Mapping[str, str]) -> list[Parameter]:
    hidden, path = body.hidden, "embeddings.projection"
    rows = {**{f"embeddings.{token}_token": 1 for token in patches.leading}, "embeddings.positions": body.positions}
    tables = [
        Parameter(outside[table], table, (1, count, hidden), "embedding", "normal") for table, count in rows.items()
    ]
    shape = (hidden, patches.channels, patches.patch_height, patches.patch_width)
    weight = Parameter(f"{outside[path]}.weight", f"{path}.weight", shape, "weight", "normal")
    return [*tables, weight, Parameter(f"{outside[path]}.bias", f"{path}.bias", (hidden,), "bias", "zeros")]


def _relative_positions(body: Transformer, outside: Mapping[str, str]) -> list[Parameter]:
    """Return the tables of relative positions, and the norm of their rows."""
    relative, disentangled, path = body.attention.relative, body.attention.disentangled, "relative_positions"
    shapes = [] if relative is None else [(relative.buckets, body.attention.heads)]
    shapes += [] if disentangled is None else [(2 * disentangled.span, body.hidden)]
    found = [Parameter(f"{outside[path]}.weight", path, shape, "embedding", "normal") for shape in shapes]
    if disentangled is not None and disentangled.norm:
        found += norm(f"{path}.norm", outside[f"{path}.norm"], body.hidden, body.norm)
    return found


def _convolution(body: Transformer, outside: Mapping[str, str]) -> list[Parameter]:
    if body.convolution is None:
        return []
    name, shape = outside["convolution"], (body.hidden, body.hidden, body.convolution.width)
    weight = Parameter(f"{name}.weight", "convolution.weight", shape, "weight", "normal")
    bias = Parameter(f"{name}.bias", "convolution.bias", (body.hidden,), "bias", "zeros")
    return [weight, bias, *norm("convolution.norm", outside["convolution.norm"], body.hidden, body.norm)]


def block_maps(body: Transformer) -> dict[str, tuple[int, int, bool]]:
    """Return the linear maps of a block: canonical path to outputs, inputs and whether it has a bias."""
    feed_forward, hidden = body.feed_forward, body.hidden
    maps = _attention_maps("attention", body.attention, hidden)
    if body.cross_attention is not None:
        maps |= _attention_maps("cross_attention", body.cross_attention, hidden)
    width = feed_forward.intermediate
    inner = {"gate": width, "inner": width} if feed_forward.gated else {"inner": width}
    if feed_forward.joint:
        inner = {"gate_inner": 2 * width}
    for name, size in inner.items():
        maps[f"feed_forward.{name}"] = (size, hidden, name.partition("_")[0] in feed_forward.biases)
    maps["feed_forward.outer"] = (hidden, width, "outer" in feed_forward.biases)
    return maps


def _attention_maps(path: str, attention: Attention, hidden: int) -> dict[str, tuple[int, int, bool]]:
    queries, keys = attention.heads * attention.channels, attention.key_value_heads * attention.channels
    sizes = {"query": queries, "key": keys, "value": keys}
    if attention.joint:
        sizes = {"query_key_value": queries + 2 * keys}
    maps = {
        f"{path}.{name}": (size, hidden, name.partition("_")[0] in attention.biases) for name, size in sizes.items()
    }
    if attention.disentangled is not None and not attention.disentangled.shared:
        maps |= {f"{path}.{name}": (queries, hidden, True) for name in attention.disentangled.maps.values()}
    return {**maps, f"{path}.output": (hidden, queries, "output" in attention.biases)}


def _block(index: int, body: Transformer, names: Names) -> list[Parameter]:
    path, name = f"blocks.{index}", f"{names.prefix}{names.layers.format(index)}"
    parameters: list[Parameter] = []
    for part, (outputs, inputs, bias) in block_maps(body).items():
        stored = f"{name}.{names.dense[part]}"
        parameters += dense(f"{path}.{part}", stored, outputs, inputs, bias=bias, inputs_first=names.inputs_first)
    for part, own in names.norms.items():
        if part == "attention.norm" and index == 0 and not body.first_norm:
            continue
        of_heads = part in ("attention.query_norm", "attention.key_norm")
        kind = body.attention.head_norm if of_heads else body.norm
        if kind is not None:
            size = body.attention.channels if of_heads else body.hidden
            parameters += norm(f"{path}.{part}", f"{name}.{own}", size, kind)
    return parameters


def dropout_modules(body: Transformer, names: Names) -> dict[str, str]:
    """Return the module in transformers' body for each place with dropout, by canonical path."""
    modules = {} if names.embedding_dropout is None else {"embeddings": names.embedding_dropout}
    for index in range(body.blocks):
        for path, stored in names.dropouts.items():
            modules[f"blocks.{index}.{path}"] = f"{names.layers.format(index)}.{stored}"
    if names.final_dropout is not None:
        modules["final_norm"] = names.final_dropout
    return modules


def dense(
    path: str, name: str, outputs: int, inputs: int, *, bias: bool = True, inputs_first: bool = False
) -> list[Parameter]:
    """Return weight and bias of a linear map."""
    shape = (inputs, outputs) if inputs_first else (outputs, inputs)
    weight = Parameter(f"{name}.weight", f"{path}.weight", shape, "weight", "normal", inputs_first=inputs_first)
    return [weight, Parameter(f"{name}.bias", f"{path}.bias", (outputs,), "bias", "zeros")] if bias else [weight]


def norm(path: str, name: str, size: int, kind: Norm) -> list[Parameter]:
    """Return the scale and, if any, shift of a norm; with an offset the stored scale starts at zero."""
    scale = Parameter(f"{name}.weight", f"{path}.scale", (size,), "norm", "zeros" if kind.offset else "ones")
    if kind.kind == "rms" or not kind.shift:
        return [scale]
    return [scale, Parameter(f"{name}.bias", f"{path}.shift", (size,), "norm", "zeros")]


def with_deviations(given: Architecture, deviations: Mapping[str, float]) -> Architecture:
    """Return an architecture with other standard deviations for some new parameters.

    Args:
        given: the architecture.
        deviations: standard deviations by the end of a parameter's canonical path.
    """

    def own(parameter: Parameter) -> Parameter:
        found = (value for ending, value in deviations.items() if parameter.path.endswith(ending))
        return replace(parameter, deviation=next(found, parameter.deviation))

    return replace(given, parameters=tuple(own(parameter) for parameter in given.parameters))


def without_prefix(name: str, prefix: str) -> tuple[str, ...]:
    """Return a parameter's name and, if it begins with the body's prefix, the name without the prefix."""
    return (name, name.removeprefix(prefix)) if name.startswith(prefix) else (name,)

"""The parameters of a transformer, under each family's names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ftcore.models.network import Architecture, Norm, Parameter, Transformer


@dataclass(frozen=True)
class Names:
    """A family's names of modules, within its body.

    Attributes:
        prefix: of every name of the body in a model with a head: "bert.".
        layers: of a block, with its number in place of {}: "encoder.layer.{}".
        dense: canonical path of a linear map within a block to its name there.
        norms: of a norm within a block.
        dropouts: canonical path of what is dropped within a block to the module that does it.
        outside: canonical path of what is in no block to its name: "embeddings.tokens", "embeddings.positions",
            "embeddings.token_types", "embeddings.norm", "embeddings.projection", "relative_positions",
            "relative_positions.norm", "convolution", "convolution.norm", "final_norm".
        embedding_dropout: the module that drops from the embeddings, or None.
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


def architecture(
    name: str, body: Transformer, names: Names, config: Mapping[str, Any], padding: int | None, *, packs: bool = True
) -> Architecture:
    """Return a body with its parameters, for the family `name`; `padding` is the padding token's id."""
    return Architecture(
        body,
        body_parameters(body, names, padding),
        name,
        config,
        packs=packs,
        float32_inside=body.norm.kind == "rms" or bool(body.attention.rotaries),
        dropout_modules=dropout_modules(body, names),
    )


def body_parameters(body: Transformer, names: Names, pad_row: int | None) -> tuple[Parameter, ...]:
    """Return every parameter of a body; `pad_row` of the token table starts at zero."""
    embedding = body.embedding or body.hidden
    outside = {path: f"{names.prefix}{name}" for path, name in names.outside.items()}
    tables = {
        "embeddings.tokens": (body.vocabulary, pad_row),
        "embeddings.positions": (body.positions if body.position_table else 0, None),
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
    parameters += [*_relative_positions(body, outside), *_convolution(body, outside)]
    for index in range(body.blocks):
        parameters += _block(index, body, names)
    if body.final_norm:
        parameters += norm("final_norm", outside["final_norm"], body.hidden, body.norm)
    return tuple(parameters)


def _relative_positions(body: Transformer, outside: Mapping[str, str]) -> list[Parameter]:
    """Return the tables of relative positions, and a norm of their rows."""
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
    """Return the linear maps of a block, canonical path to outputs, inputs and whether there is a bias."""
    attention, feed_forward, hidden = body.attention, body.feed_forward, body.hidden
    queries, keys = attention.heads * attention.channels, attention.key_value_heads * attention.channels
    sizes = {"query": queries, "key": keys, "value": keys}
    if attention.joint:
        sizes = {"query_key_value": queries + 2 * keys}
    maps = {
        f"attention.{name}": (size, hidden, name.partition("_")[0] in attention.biases) for name, size in sizes.items()
    }
    if attention.disentangled is not None and not attention.disentangled.shared:
        maps |= {f"attention.{name}": (queries, hidden, True) for name in attention.disentangled.maps.values()}
    maps["attention.output"] = (hidden, queries, "output" in attention.biases)
    width = feed_forward.intermediate
    inner = {"gate": width, "inner": width} if feed_forward.gated else {"inner": width}
    if feed_forward.joint:
        inner = {"gate_inner": 2 * width}
    for name, size in inner.items():
        maps[f"feed_forward.{name}"] = (size, hidden, name.partition("_")[0] in feed_forward.biases)
    maps["feed_forward.outer"] = (hidden, width, "outer" in feed_forward.biases)
    return maps


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
    """Return each place that drops, by canonical path, to its module in transformers' body."""
    modules = {} if names.embedding_dropout is None else {"embeddings": names.embedding_dropout}
    for index in range(body.blocks):
        for path, stored in names.dropouts.items():
            modules[f"blocks.{index}.{path}"] = f"{names.layers.format(index)}.{stored}"
    return modules


def dense(
    path: str, name: str, outputs: int, inputs: int, *, bias: bool = True, inputs_first: bool = False
) -> list[Parameter]:
    """Return weight and bias of a linear map."""
    shape = (inputs, outputs) if inputs_first else (outputs, inputs)
    weight = Parameter(f"{name}.weight", f"{path}.weight", shape, "weight", "normal", inputs_first=inputs_first)
    return [weight, Parameter(f"{name}.bias", f"{path}.bias", (outputs,), "bias", "zeros")] if bias else [weight]


def norm(path: str, name: str, size: int, kind: Norm) -> list[Parameter]:
    """Return scale and, where there is one, shift of a norm; with an offset the stored scale starts at zero."""
    scale = Parameter(f"{name}.weight", f"{path}.scale", (size,), "norm", "zeros" if kind.offset else "ones")
    if kind.kind == "rms" or not kind.shift:
        return [scale]
    return [scale, Parameter(f"{name}.bias", f"{path}.shift", (size,), "norm", "zeros")]


def without_prefix(name: str, prefix: str) -> tuple[str, ...]:
    """Return a parameter's name and, where it begins with the body's prefix, the name without it."""
    return (name, name.removeprefix(prefix)) if name.startswith(prefix) else (name,)

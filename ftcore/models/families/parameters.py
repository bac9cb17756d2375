"""The parameters of a transformer, under each family's names."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ftcore.models.network import (
    DECODER,
    ENCODER,
    Architecture,
    Attention,
    EncoderDecoder,
    Norm,
    Parameter,
    Transformer,
)


@dataclass(frozen=True)
class Names:
    """A family's names of modules, within its body.

    Attributes:
        prefix: of every name of the body in a model with a head: "bert.".
        layers: what comes before a block's number: "encoder.layer".
        dense: canonical path of a linear map within a block to its name there.
        norms: of a norm within a block.
        dropouts: canonical path of what is dropped within a block to the module that does it.
        outside: canonical path of what is in no block to its name: "embeddings.tokens", "embeddings.positions",
            "embeddings.token_types", "embeddings.norm", "embeddings.projection", "relative_positions", "final_norm".
        embedding_dropout: the module that drops from the embeddings, or None.
        final_dropout: the module that drops from what the final norm gives, or None.
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


def architecture(
    name: str, body: Transformer, names: Names, config: Mapping[str, Any], padding: int | None
) -> Architecture:
    """Return a body with its parameters, for the family `name`; `padding` is the padding token's id."""
    return Architecture(
        body,
        body_parameters(body, names, padding),
        name,
        config,
        packs=True,
        dropout_modules=dropout_modules(body, names),
    )


def encoder_decoder(
    name: str,
    body: EncoderDecoder,
    names: tuple[Names, Names],
    config: Mapping[str, Any],
    prefix: str = "",
    shared: str | None = None,
) -> Architecture:
    """Return an encoder and a decoder with their parameters.

    Args:
        name: the family.
        body: its description.
        names: of the encoder's and the decoder's modules.
        config: as read.
        prefix: what names of the body begin with in a model with a head.
        shared: the name of the table of tokens that both have, or None.
    """
    parts = ((ENCODER, body.encoder, names[0]), (DECODER, body.decoder, names[1]))
    parameters = [] if shared is None else [_token_table(shared, body.encoder, body.encoder.untrained_token)]
    modules: dict[str, str] = {}
    for path, part, own in parts:
        parameters += body_parameters(part, own, part.untrained_token, path, tokens=shared is None)
        within = own.prefix.removeprefix(prefix)
        modules |= {f"{path}{site}": f"{within}{module}" for site, module in dropout_modules(part, own).items()}
    return Architecture(body, tuple(parameters), name, config, dropout_modules=modules)


def body_parameters(
    body: Transformer, names: Names, pad_row: int | None, part: str = "", tokens: bool = True
) -> tuple[Parameter, ...]:
    """Return every parameter of a body.

    Args:
        body: its description.
        names: of its modules.
        pad_row: of the token table, the row that starts at zero.
        part: what their canonical paths begin with, ENCODER or DECODER or "".
        tokens: whether the token table is its own.
    """
    embedding = body.embedding or body.hidden
    outside = {path: f"{names.prefix}{name}" for path, name in names.outside.items()}
    parameters = [_token_table(outside["embeddings.tokens"], body, pad_row)] if tokens else []
    if body.position_table:
        parameters.append(_position_table(outside["embeddings.positions"], body))
    if body.token_types:
        name, shape = outside["embeddings.token_types"], (body.token_types, embedding)
        parameters.append(Parameter(f"{name}.weight", "embeddings.token_types", shape, "embedding", "normal"))
    if body.embedding_norm:
        parameters += norm("embeddings.norm", outside["embeddings.norm"], embedding, body.norm)
    if body.embedding is not None:
        parameters += dense("embeddings.projection", outside["embeddings.projection"], body.hidden, embedding)
    if body.relative_positions is not None:
        name, shape = outside["relative_positions"], (body.relative_positions.buckets, body.attention.heads)
        parameters.append(Parameter(f"{name}.weight", "relative_positions", shape, "embedding", "normal"))
    for index in range(body.blocks):
        parameters += _block(f"blocks.{index}", f"{names.prefix}{names.layers}.{index}", body, names)
    if body.final_norm:
        parameters += norm("final_norm", outside["final_norm"], body.hidden, body.norm)
    return tuple(replace(one, path=f"{part}{one.path}") for one in parameters)


def _token_table(name: str, body: Transformer, pad_row: int | None) -> Parameter:
    shape = (body.vocabulary, body.embedding or body.hidden)
    return Parameter(f"{name}.weight", "embeddings.tokens", shape, "embedding", "normal", pad_row)


def _position_table(name: str, body: Transformer) -> Parameter:
    shape, path = (body.positions, body.embedding or body.hidden), "embeddings.positions"
    if body.static_positions:
        return Parameter(f"{name}.weight", path, shape, "buffer", "sinusoidal")
    return Parameter(f"{name}.weight", path, shape, "embedding", "normal")


def block_maps(body: Transformer) -> dict[str, tuple[int, int, bool]]:
    """Return the linear maps of a block, canonical path to outputs, inputs and whether there is a bias."""
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
    return {**maps, f"{path}.output": (hidden, queries, "output" in attention.biases)}


def _block(path: str, name: str, body: Transformer, names: Names) -> list[Parameter]:
    parameters: list[Parameter] = []
    for part, (outputs, inputs, bias) in block_maps(body).items():
        stored = f"{name}.{names.dense[part]}"
        parameters += dense(f"{path}.{part}", stored, outputs, inputs, bias=bias, inputs_first=names.inputs_first)
    for part, own in names.norms.items():
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
            modules[f"blocks.{index}.{path}"] = f"{names.layers}.{index}.{stored}"
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
    """Return scale, and for a layer norm shift, of a norm; with an offset the stored scale starts at zero."""
    scale = Parameter(f"{name}.weight", f"{path}.scale", (size,), "norm", "zeros" if kind.offset else "ones")
    return (
        [scale] if kind.kind == "rms" else [scale, Parameter(f"{name}.bias", f"{path}.shift", (size,), "norm", "zeros")]
    )


def without_prefix(name: str, prefix: str) -> tuple[str, ...]:
    """Return a parameter's name and, where it begins with the body's prefix, the name without it."""
    return (name, name.removeprefix(prefix)) if name.startswith(prefix) else (name,)

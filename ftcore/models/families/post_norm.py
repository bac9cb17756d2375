"""What encoders of BERT's form share: learned absolute positions and post-norm blocks, under each family's names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.errors import ModelError
from ftcore.models.families import fields
from ftcore.models.network import (
    Activation,
    Architecture,
    Dense,
    Head,
    Norm,
    PairFeatures,
    Parameter,
    Pooling,
    Transformer,
)

ACTIVATIONS: dict[str, Activation] = {
    "gelu": "gelu",
    "gelu_python": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_python_tanh": "gelu_tanh",
    "gelu_accurate": "gelu_tanh",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
    "tanh": "tanh",
}
"""Hugging Face's name of an activation to the formula; gelu_fast is not here, as its constant has ten digits only."""

NEUTRAL: dict[str, tuple[Any, ...]] = {
    "position_embedding_type": ("absolute", None),
    "is_decoder": (False, None),
    "is_encoder_decoder": (False, None),
    "add_cross_attention": (False, None),
    "quantization_config": (None,),
    "pruned_heads": ({}, None),
    "auto_map": ({}, None),
    "feed_forward_type": ("original", None),
}
"""Fields that change the mathematics, with the values that do not."""

DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout")
"""The rates of a config with BERT's names of fields."""

VOCABULARY = 30522
"""BERT's default of vocab_size, and others'."""

MOST_BLOCKS = 1000
"""More is a damaged config."""

EMBEDDINGS = {"tokens": "word_embeddings", "positions": "position_embeddings", "token_types": "token_type_embeddings"}
SIZES = {
    "attention.query": ("hidden", "hidden"),
    "attention.key": ("hidden", "hidden"),
    "attention.value": ("hidden", "hidden"),
    "attention.output": ("hidden", "hidden"),
    "feed_forward.inner": ("intermediate", "hidden"),
    "feed_forward.outer": ("hidden", "intermediate"),
}
"""Canonical path of a linear map within a block to its outputs and inputs."""


@dataclass(frozen=True)
class Names:
    """A family's names of modules, within its body.

    Attributes:
        prefix: of every name of the body in a model with a head: "bert.".
        layers: what comes before a block's number: "encoder.layer".
        dense: canonical path of a linear map within a block to its name there.
        norms: of a norm within a block.
        dropouts: canonical path of what is dropped within a block to the module that does it.
    """

    prefix: str
    layers: str
    dense: Mapping[str, str]
    norms: Mapping[str, str]
    dropouts: Mapping[str, str]


BLOCK_DENSE = {
    "attention.query": "attention.self.query",
    "attention.key": "attention.self.key",
    "attention.value": "attention.self.value",
    "attention.output": "attention.output.dense",
    "feed_forward.inner": "intermediate.dense",
    "feed_forward.outer": "output.dense",
}
BLOCK_NORMS = {"attention.norm": "attention.output.LayerNorm", "feed_forward.norm": "output.LayerNorm"}
BLOCK_DROPOUTS = {
    "attention.weights": "attention.self.dropout",
    "attention": "attention.output.dropout",
    "feed_forward": "output.dropout",
}


def bert_names(prefix: str) -> Names:
    """Return BERT's names of modules, which other families took over."""
    return Names(prefix, "encoder.layer", BLOCK_DENSE, BLOCK_NORMS, BLOCK_DROPOUTS)


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


def checked(config: Mapping[str, Any], dropout: float | None) -> dict[str, Any]:
    """Return a config with BERT's names of fields, with the spec's dropout, if any, in place of its rates.

    Raises:
        ModelError: a field changes the mathematics in a way that ftcore does not follow, or a rate is wrong.
    """
    found = with_dropout(config, DROPOUTS, dropout)
    fields.refuse(found, NEUTRAL)
    classifier_dropout(found)
    return found


def padding_token(config: Mapping[str, Any]) -> int | None:
    """Return the padding token's id, or None; a config that says nothing has BERT's."""
    return fields.row(config, "pad_token_id", 0, fields.count(config, "vocab_size", VOCABULARY))


def check_heads(hidden: int, heads: int, names: tuple[str, str]) -> None:
    """Raise ModelError where the heads do not share the channels evenly; `names` are the fields' own."""
    if hidden % heads:
        raise ModelError(f"{names[0]} {hidden} is not a multiple of {names[1]} {heads}")


def body_parameters(body: Transformer, names: Names, pad_row: int | None) -> tuple[Parameter, ...]:
    """Return every parameter of a body; `pad_row` of the token table starts at zero."""
    embedding = body.embedding or body.hidden
    tables = {
        "tokens": (body.vocabulary, pad_row),
        "positions": (body.positions, None),
        "token_types": (body.token_types, None),
    }
    parameters = [
        Parameter(
            f"{names.prefix}embeddings.{EMBEDDINGS[path]}.weight",
            f"embeddings.{path}",
            (rows, embedding),
            "embedding",
            "normal",
            zero,
        )
        for path, (rows, zero) in tables.items()
        if rows
    ]
    parameters += norm("embeddings.norm", f"{names.prefix}embeddings.LayerNorm", embedding)
    if body.embedding is not None:
        parameters += dense("embeddings.projection", f"{names.prefix}embeddings_project", body.hidden, embedding)
    for index in range(body.blocks):
        parameters += _block(f"blocks.{index}", f"{names.prefix}{names.layers}.{index}", body, names)
    return tuple(parameters)


def _block(path: str, name: str, body: Transformer, names: Names) -> list[Parameter]:
    sizes = {"hidden": body.hidden, "intermediate": body.intermediate}
    parameters: list[Parameter] = []
    for part, (outputs, inputs) in SIZES.items():
        parameters += dense(f"{path}.{part}", f"{name}.{names.dense[part]}", sizes[outputs], sizes[inputs])
    for part, stored in names.norms.items():
        parameters += norm(f"{path}.{part}", f"{name}.{stored}", body.hidden)
    return parameters


def dropout_modules(body: Transformer, names: Names) -> dict[str, str]:
    """Return each place that drops, by canonical path, to its module in transformers' body."""
    modules = {"embeddings": "embeddings.dropout"}
    for index in range(body.blocks):
        for path, stored in names.dropouts.items():
            modules[f"blocks.{index}.{path}"] = f"{names.layers}.{index}.{stored}"
    return modules


def dense(path: str, name: str, outputs: int, inputs: int) -> list[Parameter]:
    """Return weight and bias of a linear map."""
    return [
        Parameter(f"{name}.weight", f"{path}.weight", (outputs, inputs), "weight", "normal"),
        Parameter(f"{name}.bias", f"{path}.bias", (outputs,), "bias", "zeros"),
    ]


def norm(path: str, name: str, size: int) -> list[Parameter]:
    """Return scale and shift of a norm."""
    return [
        Parameter(f"{name}.weight", f"{path}.scale", (size,), "norm", "ones"),
        Parameter(f"{name}.bias", f"{path}.shift", (size,), "norm", "zeros"),
    ]


def transformer(config: Mapping[str, Any], *, token_types: int = 2, pad_row: int | None, **more: Any) -> Transformer:
    """Return the body of a config with BERT's names of fields.

    Args:
        config: as read.
        token_types: transformers' default of type_vocab_size.
        pad_row: id of the padding token, or None.
        more: fields of Transformer that the family adds.
    """
    hidden, heads = fields.count(config, "hidden_size", 768), fields.count(config, "num_attention_heads", 12)
    check_heads(hidden, heads, ("hidden_size", "num_attention_heads"))
    hidden_dropout = fields.rate(config, "hidden_dropout_prob", 0.1)
    described = {
        "vocabulary": fields.count(config, "vocab_size", VOCABULARY),
        "positions": fields.count(config, "max_position_embeddings", 512),
        "token_types": fields.count(config, "type_vocab_size", token_types),
        "hidden": hidden,
        "intermediate": fields.count(config, "intermediate_size", 3072),
        "blocks": fields.count(config, "num_hidden_layers", 12, largest=MOST_BLOCKS),
        "heads": heads,
        "activation": fields.choice(config, "hidden_act", "gelu", ACTIVATIONS),
        "norm": Norm(fields.positive(config, "layer_norm_eps", 1e-12)),
        "hidden_dropout": hidden_dropout,
        "attention_dropout": fields.rate(config, "attention_probs_dropout_prob", 0.1),
        "mixed_dropout": hidden_dropout,
        "initializer_range": fields.positive(config, "initializer_range", 0.02),
        "pad_token": pad_row or 0,
    }
    return Transformer(**{**described, **more})


def head(
    architecture: Architecture,
    outputs: int,
    pooling: Pooling,
    pair: str,
    *,
    pooler: tuple[str, Activation],
    classifier: str,
    dropout: float,
    pooler_dropout: float = 0.0,
) -> Head:
    """Return a head of a pooler, or another pooling, and one linear map.

    Args:
        architecture: whose body is a Transformer.
        outputs: number of logits; 0 for no classifier.
        pooling: how a sequence becomes one vector.
        pair: "separate" for two sequences an example, else "joint".
        pooler: the checkpoint's name of the pooler, and its activation.
        classifier: the checkpoint's name of the last linear map.
        dropout: rate before the classifier.
        pooler_dropout: rate before the pooler.
    """
    if not isinstance(architecture.body, Transformer):
        raise TypeError(f"a {type(architecture.body).__name__} has no hidden states to pool")
    hidden = architecture.body.hidden
    features: PairFeatures = "concat_difference_product" if pair == "separate" else "single"
    has_pooler, (name, activation) = pooling == "pooler", pooler
    parameters = dense("pooler", name, hidden, hidden) if has_pooler else []
    if outputs:
        parameters += dense("classifier", classifier, outputs, hidden if features == "single" else 4 * hidden)
    return Head(
        outputs=outputs,
        pooling=pooling,
        pooler=Dense("pooler", activation) if has_pooler else None,
        pair=features,
        classifier=Dense("classifier") if outputs else None,
        dropout=dropout,
        parameters=tuple(parameters),
        pooler_dropout=pooler_dropout if has_pooler else 0.0,
    )


def two_layer_head(
    architecture: Architecture, outputs: int, pooling: Pooling, pair: str, activation: Activation
) -> Head:
    """Return the head that RoBERTa brought: dropout, linear map, activation, dropout, linear map; see `head`."""
    rate = classifier_dropout(architecture.config)
    return head(
        architecture,
        outputs,
        pooling,
        pair,
        pooler=("classifier.dense", activation),
        classifier="classifier.out_proj",
        dropout=rate,
        pooler_dropout=rate,
    )


def classifier_dropout(config: Mapping[str, Any]) -> float:
    """Return the rate before the classifier: the config's own, or else that of hidden states."""
    return fields.rate(config, "classifier_dropout", fields.rate(config, "hidden_dropout_prob", 0.1))


def with_dropout(config: Mapping[str, Any], names: tuple[str, ...], dropout: float | None) -> dict[str, Any]:
    """Return a config whose dropout rates are all `dropout`, where that is given."""
    return dict(config) if dropout is None else {**config, **dict.fromkeys(names, dropout)}


def without_prefix(name: str, prefix: str) -> tuple[str, ...]:
    """Return a parameter's name and, where it begins with the body's prefix, the name without it."""
    return (name, name.removeprefix(prefix)) if name.startswith(prefix) else (name,)

"""BERT (Devlin et al. 2019): the body with learned absolute positions and post-norm blocks, and its head."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from ftcore.errors import ModelError
from ftcore.models.families import fields
from ftcore.models.network import Activation, Architecture, Dense, Head, Norm, Parameter, Pooling, Role, Transformer

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
"""Hugging Face's `hidden_act` to the formula; gelu_fast is not here, as its constant has ten digits only."""

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

MOST_BLOCKS = 1000
"""More is a damaged config."""

DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout")

BLOCK_DENSE: dict[str, tuple[str, str, str]] = {
    "attention.query": ("attention.self.query", "hidden", "hidden"),
    "attention.key": ("attention.self.key", "hidden", "hidden"),
    "attention.value": ("attention.self.value", "hidden", "hidden"),
    "attention.output": ("attention.output.dense", "hidden", "hidden"),
    "feed_forward.inner": ("intermediate.dense", "intermediate", "hidden"),
    "feed_forward.outer": ("output.dense", "hidden", "intermediate"),
}
"""Canonical path within a block to checkpoint name, outputs and inputs."""

BLOCK_NORMS = {"attention.norm": "attention.output.LayerNorm", "feed_forward.norm": "output.LayerNorm"}

BLOCK_DROPOUTS = {
    "attention.weights": "attention.self.dropout",
    "attention": "attention.output.dropout",
    "feed_forward": "output.dropout",
}
"""Canonical path of what is dropped within a block to transformers' module."""

# Heads of other tasks, buffers of older versions, and what this network may not need: the pooler, an old classifier.
IGNORED = re.compile(
    r"(bert\.)?embeddings\.(position_ids|token_type_ids)"
    r"|(bert\.)?pooler\.dense\.(weight|bias)"
    r"|cls\.predictions\.(bias|decoder\.(weight|bias)|transform\.dense\.(weight|bias))"
    r"|cls\.predictions\.transform\.LayerNorm\.(weight|bias|gamma|beta)"
    r"|(cls\.seq_relationship|qa_outputs|classifier)\.(weight|bias)"
)


class Bert:
    """BERT; names are those of transformers' BertForSequenceClassification."""

    name: ClassVar[str] = "bert"
    prefix: ClassVar[str] = "bert."
    body_class: ClassVar[str] = "BertModel"
    classifier_class: ClassVar[str] = "BertForSequenceClassification"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return what a config describes; fields that it lacks have transformers' defaults."""
        config = {**config, **dict.fromkeys(DROPOUTS, dropout)} if dropout is not None else dict(config)
        fields.refuse(config, NEUTRAL)
        _head_dropout(config)
        body, pad_row = _body(config)
        return Architecture(
            body,
            tuple(_body_parameters(body, pad_row)),
            self.name,
            config,
            packs=True,
            dropout_modules=_dropout_modules(body.blocks),
        )

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: pooler or another pooling, dropout, one linear map."""
        config, hidden = architecture.config, _transformer(architecture).hidden
        separate = pair == "separate"
        parameters = [*_dense("pooler", "bert.pooler.dense", hidden, hidden)] if pooling == "pooler" else []
        if outputs:
            parameters += _dense("classifier", "classifier", outputs, 4 * hidden if separate else hidden)
        return Head(
            outputs=outputs,
            pooling=pooling,
            pooler=Dense("pooler", "tanh") if pooling == "pooler" else None,
            pair="concat_difference_product" if separate else "single",
            classifier=Dense("classifier") if outputs else None,
            dropout=_head_dropout(config),
            parameters=tuple(parameters),
        )

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without "bert.", and a norm's also as gamma and beta."""
        names = [name]
        if "LayerNorm." in name:
            names.append(
                name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
            )
        return (*names, *(other.removeprefix(self.prefix) for other in names if other.startswith(self.prefix)))

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a known buffer, a head of another task, or an unneeded pooler or classifier."""
        return IGNORED.fullmatch(name) is not None


def _head_dropout(config: Mapping[str, Any]) -> float:
    return fields.rate(config, "classifier_dropout", fields.rate(config, "hidden_dropout_prob", 0.1))


def _transformer(architecture: Architecture) -> Transformer:
    if not isinstance(architecture.body, Transformer):
        raise TypeError(f"a {type(architecture.body).__name__} is no body of the BERT family")
    return architecture.body


def _body(config: Mapping[str, Any]) -> tuple[Transformer, int | None]:
    """Return the body, and the embedding row of the padding token where the config has one."""
    hidden = fields.count(config, "hidden_size", 768)
    heads = fields.count(config, "num_attention_heads", 12)
    vocabulary = fields.count(config, "vocab_size", 30522)
    if hidden % heads:
        raise ModelError(f"hidden_size {hidden} is not a multiple of num_attention_heads {heads}")
    fields.refuse(config, {"embedding_size": (hidden, None)})
    pad_row = fields.row(config, "pad_token_id", 0, vocabulary)
    body = Transformer(
        vocabulary=vocabulary,
        positions=fields.count(config, "max_position_embeddings", 512),
        token_types=fields.count(config, "type_vocab_size", 2),
        hidden=hidden,
        intermediate=fields.count(config, "intermediate_size", 3072),
        blocks=fields.count(config, "num_hidden_layers", 12, largest=MOST_BLOCKS),
        heads=heads,
        activation=fields.choice(config, "hidden_act", "gelu", ACTIVATIONS),
        norm=Norm(fields.positive(config, "layer_norm_eps", 1e-12)),
        hidden_dropout=fields.rate(config, "hidden_dropout_prob", 0.1),
        attention_dropout=fields.rate(config, "attention_probs_dropout_prob", 0.1),
        initializer_range=fields.positive(config, "initializer_range", 0.02),
        pad_token=pad_row or 0,
    )
    return body, pad_row


def _body_parameters(body: Transformer, pad_row: int | None) -> list[Parameter]:
    tables = {
        "tokens": ("word_embeddings", body.vocabulary, pad_row),
        "positions": ("position_embeddings", body.positions, None),
        "token_types": ("token_type_embeddings", body.token_types, None),
    }
    parameters = [
        Parameter(
            f"bert.embeddings.{name}.weight", f"embeddings.{path}", (rows, body.hidden), "embedding", "normal", zero
        )
        for path, (name, rows, zero) in tables.items()
    ]
    parameters += _norm("embeddings.norm", "bert.embeddings.LayerNorm", body.hidden)
    for index in range(body.blocks):
        parameters += _block(f"blocks.{index}", f"bert.encoder.layer.{index}", body)
    return parameters


def _block(path: str, name: str, body: Transformer) -> list[Parameter]:
    sizes = {"hidden": body.hidden, "intermediate": body.intermediate}
    parameters: list[Parameter] = []
    for part, (stored, outputs, inputs) in BLOCK_DENSE.items():
        parameters += _dense(f"{path}.{part}", f"{name}.{stored}", sizes[outputs], sizes[inputs])
    for part, stored in BLOCK_NORMS.items():
        parameters += _norm(f"{path}.{part}", f"{name}.{stored}", body.hidden)
    return parameters


def _dropout_modules(blocks: int) -> dict[str, str]:
    modules = {"embeddings": "embeddings.dropout"}
    for index in range(blocks):
        for path, stored in BLOCK_DROPOUTS.items():
            modules[f"blocks.{index}.{path}"] = f"encoder.layer.{index}.{stored}"
    return modules


def _dense(path: str, name: str, outputs: int, inputs: int) -> list[Parameter]:
    return [
        Parameter(f"{name}.weight", f"{path}.weight", (outputs, inputs), "weight", "normal"),
        Parameter(f"{name}.bias", f"{path}.bias", (outputs,), "bias", "zeros"),
    ]


def _norm(path: str, name: str, size: int) -> list[Parameter]:
    role: Role = "norm"
    return [
        Parameter(f"{name}.weight", f"{path}.scale", (size,), role, "ones"),
        Parameter(f"{name}.bias", f"{path}.shift", (size,), role, "zeros"),
    ]

"""ModernBERT (Warner et al. 2024): a pre-norm encoder with rotary positions, gated feed-forward and local attention."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ftcore.contract.network import Architecture, Attention, FeedForward, Head, Norm, Pooling, TokenHead, Transformer
from ftcore.models.families import decoder, fields, heads, parameters, post_norm, rotary
from ftcore.models.families.activations import ACTIVATIONS
from ftcore.models.families.decoder import FULL, SLIDING
from ftcore.models.families.parameters import Names

DEFAULTS: dict[str, Any] = {
    "vocab_size": 50368,
    "hidden_size": 768,
    "intermediate_size": 1152,
    "num_hidden_layers": 22,
    "num_attention_heads": 12,
    "max_position_embeddings": 8192,
    "pad_token_id": 50283,
    "classifier_pooling": "cls",
}
DROPOUTS = ("attention_dropout", "embedding_dropout", "mlp_dropout", "classifier_dropout")
THETAS = {FULL: ("global_rope_theta", 160_000.0), SLIDING: ("local_rope_theta", 10_000.0)}
"""For each kind of block, the older field for rope_theta and its default."""
NAMES = Names(
    prefix="model.",
    layers="layers.{}",
    dense={
        "attention.query_key_value": "attn.Wqkv",
        "attention.output": "attn.Wo",
        "feed_forward.gate_inner": "mlp.Wi",
        "feed_forward.outer": "mlp.Wo",
    },
    norms={"attention.norm": "attn_norm", "feed_forward.norm": "mlp_norm"},
    dropouts={"attention.weights": "attn", "feed_forward.inner": "mlp.drop"},
    outside={
        "embeddings.tokens": "embeddings.tok_embeddings",
        "embeddings.norm": "embeddings.norm",
        "final_norm": "final_norm",
    },
    embedding_dropout="embeddings.drop",
)
# Heads of other tasks, and the parts of this head that a network may not need.
IGNORED = re.compile(r"(decoder|classifier|head\.dense|head\.norm)\.(weight|bias)")


@dataclass(frozen=True)
class ModernBert:
    """ModernBERT; names are those of transformers' ModernBertForSequenceClassification."""

    name: str = "modernbert"
    prefix: str = NAMES.prefix
    body_class: str = "ModernBertModel"
    classifier_class: str = "ModernBertForSequenceClassification"
    tokens_classifier_class: str = "ModernBertForTokenClassification"
    kept: tuple[str, ...] = ("head.",)
    pooling: Pooling = "pooler"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        config = fields.with_dropout({**DEFAULTS, **config}, DROPOUTS, dropout)
        fields.refuse(
            config, {name: post_norm.NEUTRAL[name] for name in ("is_decoder", "quantization_config", "auto_map")}
        )
        fields.choice(config, "classifier_pooling", "cls", {"cls": "cls", "mean": "mean"})
        pad_row = post_norm.padding_token(config)
        body = _body(config, pad_row)
        # transformers has a module there only if it drops.
        mixed = {"attention": "attn.out_drop"} if body.mixed_dropout else {}
        names = replace(NAMES, dropouts={**NAMES.dropouts, **mixed})
        return parameters.architecture(self, body, names, config, pad_row)

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: first or mean token, linear map, activation and norm, or another pooling; one linear map."""
        pooler, dropout = _transform(architecture.config), fields.rate(architecture.config, "classifier_dropout", 0.0)
        return heads.head(architecture, outputs, pooling, pair, pooler=pooler, classifier="classifier", dropout=dropout)

    def token_classifier(self, architecture: Architecture, outputs: int) -> TokenHead:
        """Return the head for tokens: linear map, activation and norm, dropout, one linear map."""
        config = architecture.config
        dropout = fields.rate(config, "classifier_dropout", 0.0)
        return heads.token_classifier(
            architecture, outputs, classifier="classifier", dropout=dropout, transform=_transform(config)
        )

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without "model."."""
        return parameters.without_prefix(name, self.prefix)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor belongs to a head that this network does not have."""
        return IGNORED.fullmatch(name) is not None


def _body(config: Mapping[str, Any], pad_row: int | None) -> Transformer:
    hidden, dropout = fields.count(config, "hidden_size", 768), fields.rate(config, "attention_dropout", 0.0)
    biases = frozenset({"inner", "gate", "outer"} if fields.given(config, "mlp_bias") else ())
    return Transformer(
        vocabulary=fields.count(config, "vocab_size", 1),
        positions=fields.count(config, "max_position_embeddings", 1),
        token_types=0,
        hidden=hidden,
        blocks=decoder.blocks(config),
        attention=_attention(config, hidden),
        feed_forward=FeedForward(
            fields.count(config, "intermediate_size", 1),
            fields.choice(config, "hidden_activation", "gelu", ACTIVATIONS),
            gated=True,
            joint=True,
            biases=biases,
        ),
        norm=_norm(config),
        hidden_dropout=fields.rate(config, "embedding_dropout", 0.0),
        attention_dropout=dropout,
        mixed_dropout=dropout,
        feed_forward_dropout=0.0,
        inner_dropout=fields.rate(config, "mlp_dropout", 0.0),
        initializer_range=fields.positive(config, "initializer_range", 0.02),
        pad_token=pad_row or 0,
        untrained_token=pad_row,
        position_table=False,
        norm_place="before",
        first_norm=False,
        final_norm=True,
    )


def _attention(config: Mapping[str, Any], hidden: int) -> Attention:
    count = fields.count(config, "num_attention_heads", 12)
    biases = frozenset({"query", "key", "value", "output"} if fields.given(config, "attention_bias") else ())
    found = post_norm.attention(hidden, count, ("hidden_size", "num_attention_heads"), joint=True, biases=biases)
    every = fields.count(config, "global_attn_every_n_layers", 3)
    kinds = decoder.layer_types(config, [SLIDING if block % every else FULL for block in range(decoder.blocks(config))])
    reach = fields.count(config, "local_attention", 128) // 2 + 1
    positions = fields.count(config, "max_position_embeddings", 1)
    rotaries = {
        kind: rotary.rotary(
            rotary.settings_of(config, fields.given(config, name, theta), kind), found.channels, positions
        )
        for kind, (name, theta) in THETAS.items()
    }
    return replace(
        found,
        windows=tuple(reach if kind == SLIDING else None for kind in kinds) if SLIDING in kinds else (),
        rotaries=tuple(rotaries[kind] for kind in kinds),
    )


def _transform(config: Mapping[str, Any]) -> heads.Pooler:
    """Return the layers before the classifier, of sequences or of tokens."""
    return heads.Pooler(
        "head.dense",
        fields.choice(config, "classifier_activation", "gelu", ACTIVATIONS),
        bias=bool(fields.given(config, "classifier_bias", False)),
        reads=fields.choice(config, "classifier_pooling", "cls", {"cls": "cls", "mean": "mean"}),
        norm=_norm(config),
        norm_name="head.norm",
    )


def _norm(config: Mapping[str, Any]) -> Norm:
    return Norm(fields.positive(config, "norm_eps", 1e-5), shift=bool(fields.given(config, "norm_bias", False)))

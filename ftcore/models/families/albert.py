"""ALBERT (Lan et al. 2020): BERT with narrow embeddings, whose blocks are applied several times."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.contract.network import Architecture, Head, Pooling, TokenHead
from ftcore.errors import ModelError
from ftcore.models.families import fields, heads, parameters, post_norm
from ftcore.models.families.parameters import Names

DEFAULTS = {
    "vocab_size": 30000,
    "embedding_size": 128,
    "hidden_size": 4096,
    "num_attention_heads": 64,
    "intermediate_size": 16384,
    "hidden_act": "gelu_new",
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}
"""transformers' defaults that differ from BERT's."""
DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout_prob")
NAMES = Names(
    prefix="albert.",
    layers="encoder.albert_layer_groups.{}.albert_layers.0",
    dense={
        "attention.query": "attention.query",
        "attention.key": "attention.key",
        "attention.value": "attention.value",
        "attention.output": "attention.dense",
        "feed_forward.inner": "ffn",
        "feed_forward.outer": "ffn_output",
    },
    norms={"attention.norm": "attention.LayerNorm", "feed_forward.norm": "full_layer_layer_norm"},
    dropouts={"attention.weights": "attention.attention_dropout", "attention": "attention.output_dropout"},
    outside={**post_norm.OUTSIDE, "embeddings.projection": "encoder.embedding_hidden_mapping_in"},
    embedding_dropout="embeddings.dropout",
)
# Heads of other tasks, buffers of older versions, and the pooler where it is not needed.
IGNORED = re.compile(
    r"(albert\.)?embeddings\.(position_ids|token_type_ids)|(albert\.)?pooler\.(weight|bias)"
    r"|predictions\.(bias|(dense|decoder|LayerNorm)\.(weight|bias))"
    r"|(sop_classifier\.classifier|qa_outputs|classifier)\.(weight|bias)"
)


@dataclass(frozen=True)
class Albert:
    """ALBERT; names are those of transformers' AlbertForSequenceClassification."""

    name: str = "albert"
    prefix: str = NAMES.prefix
    body_class: str = "AlbertModel"
    classifier_class: str = "AlbertForSequenceClassification"
    tokens_classifier_class: str = "AlbertForTokenClassification"
    kept: tuple[str, ...] = ()
    pooling: Pooling = "pooler"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        config = fields.with_dropout({**DEFAULTS, **config}, DROPOUTS, dropout)
        fields.refuse(config, {**post_norm.NEUTRAL, "inner_group_num": (1,)})
        fields.rate(config, "classifier_dropout_prob", 0.1)
        pad_row = post_norm.padding_token(config)
        order = _order(config)
        body = post_norm.transformer(
            config,
            pad_row=pad_row,
            blocks=max(order) + 1,
            order=order,
            embedding=fields.count(config, "embedding_size", 128),
            feed_forward_dropout=0.0,
        )
        return parameters.architecture(self, body, NAMES, config, pad_row)

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: pooler or another pooling, dropout, one linear map."""
        return heads.head(
            architecture,
            outputs,
            pooling,
            pair,
            pooler=heads.Pooler(f"{self.prefix}pooler", "tanh"),
            classifier="classifier",
            dropout=fields.rate(architecture.config, "classifier_dropout_prob", 0.1),
        )

    def token_classifier(self, architecture: Architecture, outputs: int) -> TokenHead:
        """Return the head for tokens: dropout, one linear map."""
        config = architecture.config
        # Null is the rate of hidden states here, and no rate at all in transformers' sequence classifier.
        absent = fields.rate(config, "hidden_dropout_prob", 0.0) if "classifier_dropout_prob" in config else 0.1
        rate = fields.rate(config, "classifier_dropout_prob", absent)
        return heads.token_classifier(architecture, outputs, classifier="classifier", dropout=rate)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without "albert."."""
        return parameters.without_prefix(name, self.prefix)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a known buffer, a head of another task, or an unneeded pooler or classifier."""
        return IGNORED.fullmatch(name) is not None


def _order(config: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the group of each application: groups follow one another, each with equally many applications."""
    applications = fields.count(config, "num_hidden_layers", 12, largest=fields.MOST_BLOCKS)
    groups = fields.count(config, "num_hidden_groups", 1, largest=fields.MOST_BLOCKS)
    if groups > applications:
        raise ModelError(f"num_hidden_groups {groups} is more than num_hidden_layers {applications}")
    return tuple(int(index / (applications / groups)) for index in range(applications))

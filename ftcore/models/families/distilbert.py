"""DistilBERT (Sanh et al. 2019): BERT without token types, and a classification head of two linear maps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.contract.network import Architecture, FeedForward, Head, Norm, Pooling, TokenHead, Transformer
from ftcore.models.families import fields, heads, parameters, post_norm
from ftcore.models.families.activations import ACTIVATIONS
from ftcore.models.families.parameters import Names

DROPOUTS = ("dropout", "attention_dropout", "seq_classif_dropout", "qa_dropout")
NAMES = Names(
    prefix="distilbert.",
    layers="transformer.layer.{}",
    dense={
        "attention.query": "attention.q_lin",
        "attention.key": "attention.k_lin",
        "attention.value": "attention.v_lin",
        "attention.output": "attention.out_lin",
        "feed_forward.inner": "ffn.lin1",
        "feed_forward.outer": "ffn.lin2",
    },
    norms={"attention.norm": "sa_layer_norm", "feed_forward.norm": "output_layer_norm"},
    dropouts={"attention.weights": "attention.dropout", "feed_forward": "ffn.dropout"},
    outside=post_norm.OUTSIDE,
    embedding_dropout="embeddings.dropout",
)
NEUTRAL: dict[str, tuple[Any, ...]] = {**post_norm.NEUTRAL, "sinusoidal_pos_embds": (False, None)}
EPSILON = 1e-12
"""Epsilon of every norm, which no config changes."""
IGNORED = re.compile(
    r"(distilbert\.)?embeddings\.position_ids"
    r"|(vocab_transform|vocab_layer_norm|vocab_projector|qa_outputs|pre_classifier|classifier)\.(weight|bias)"
)


@dataclass(frozen=True)
class DistilBert:
    """DistilBERT; names are those of transformers' DistilBertForSequenceClassification."""

    name: str = "distilbert"
    prefix: str = NAMES.prefix
    body_class: str = "DistilBertModel"
    classifier_class: str = "DistilBertForSequenceClassification"
    tokens_classifier_class: str = "DistilBertForTokenClassification"
    kept: tuple[str, ...] = ()
    pooling: Pooling = "pooler"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        config = fields.with_dropout(config, DROPOUTS, dropout)
        fields.refuse(config, NEUTRAL)
        fields.rate(config, "seq_classif_dropout", 0.2)
        pad_row = post_norm.padding_token(config)
        body = _body(config, pad_row)
        return parameters.architecture(self, body, NAMES, config, pad_row)

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: a linear map and ReLU, or another pooling; dropout, one linear map."""
        return heads.head(
            architecture,
            outputs,
            pooling,
            pair,
            pooler=heads.Pooler("pre_classifier", "relu"),
            classifier="classifier",
            dropout=fields.rate(architecture.config, "seq_classif_dropout", 0.2),
        )

    def token_classifier(self, architecture: Architecture, outputs: int) -> TokenHead:
        """Return the head for tokens: dropout, one linear map."""
        rate = fields.rate(architecture.config, "dropout", 0.1)
        return heads.token_classifier(architecture, outputs, classifier="classifier", dropout=rate)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without "distilbert."."""
        return parameters.without_prefix(name, self.prefix)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a known buffer, or of another head."""
        return IGNORED.fullmatch(name) is not None


def _body(config: Mapping[str, Any], pad_row: int | None) -> Transformer:
    hidden, count = fields.count(config, "dim", 768), fields.count(config, "n_heads", 12)
    return Transformer(
        vocabulary=fields.count(config, "vocab_size", post_norm.VOCABULARY),
        positions=fields.count(config, "max_position_embeddings", 512),
        token_types=0,
        hidden=hidden,
        blocks=fields.count(config, "n_layers", 6, largest=fields.MOST_BLOCKS),
        attention=post_norm.attention(hidden, count, ("dim", "n_heads")),
        feed_forward=FeedForward(
            fields.count(config, "hidden_dim", 3072), fields.choice(config, "activation", "gelu", ACTIVATIONS)
        ),
        norm=Norm(EPSILON),
        hidden_dropout=fields.rate(config, "dropout", 0.1),
        attention_dropout=fields.rate(config, "attention_dropout", 0.1),
        mixed_dropout=0.0,
        feed_forward_dropout=fields.rate(config, "dropout", 0.1),
        initializer_range=fields.positive(config, "initializer_range", 0.02),
        pad_token=pad_row or 0,
        untrained_token=pad_row,
    )

"""Base of encoders like BERT: learned absolute positions and post-norm blocks, with each family's names."""

from collections.abc import Mapping
from typing import Any

from ftcore.contract.network import (
    Activation,
    Architecture,
    Attention,
    FeedForward,
    Head,
    Norm,
    Pooling,
    TokenHead,
    Transformer,
)
from ftcore.errors import ModelError
from ftcore.models.families import fields, heads
from ftcore.models.families.activations import ACTIVATIONS
from ftcore.models.families.parameters import Names

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
"""The dropout rates in a config with BERT's field names."""

VOCABULARY = 30522
"""Default of vocab_size in BERT and other families."""

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
OUTSIDE = {
    "embeddings.tokens": "embeddings.word_embeddings",
    "embeddings.positions": "embeddings.position_embeddings",
    "embeddings.token_types": "embeddings.token_type_embeddings",
    "embeddings.norm": "embeddings.LayerNorm",
    "embeddings.projection": "embeddings_project",
}


def bert_names(prefix: str) -> Names:
    """Return BERT's names of modules, which other families share."""
    return Names(prefix, "encoder.layer.{}", BLOCK_DENSE, BLOCK_NORMS, BLOCK_DROPOUTS, OUTSIDE, "embeddings.dropout")


def checked(config: Mapping[str, Any], dropout: float | None) -> dict[str, Any]:
    """Return a config with BERT's field names, with the spec's dropout, if any, in place of its rates.

    Raises:
        ModelError: a field changes the mathematics in a way that ftcore does not support, or a rate is wrong.
    """
    found = fields.with_dropout(config, DROPOUTS, dropout)
    fields.refuse(found, NEUTRAL)
    classifier_dropout(found)
    return found


def padding_token(config: Mapping[str, Any]) -> int | None:
    """Return the padding token's id, or None; the default is BERT's."""
    return fields.row(config, "pad_token_id", 0, fields.count(config, "vocab_size", VOCABULARY))


def attention(hidden: int, count: int, names: tuple[str, str], **more: Any) -> Attention:
    """Return attention with equally wide heads; `names` are the names of the two fields, `more` other properties.

    Raises:
        ModelError: the channels are not a multiple of the heads.
    """
    if hidden % count:
        raise ModelError(f"{names[0]} {hidden} is not a multiple of {names[1]} {count}")
    channels = hidden // count
    described = {"heads": count, "channels": channels, "key_value_heads": count, "scale": channels**-0.5}
    return Attention(**{**described, **more})


def transformer(
    config: Mapping[str, Any], *, token_types: int | None = 2, pad_row: int | None, **more: Any
) -> Transformer:
    """Return the body of a config with BERT's field names.

    Args:
        config: the config as read.
        token_types: transformers' default of type_vocab_size; 0 is allowed only if this is 0. None for a family
            without token types.
        pad_row: id of the padding token, or None.
        more: fields of Transformer that the family adds.
    """
    hidden, count = fields.count(config, "hidden_size", 768), fields.count(config, "num_attention_heads", 12)
    hidden_dropout = fields.rate(config, "hidden_dropout_prob", 0.1)
    described = {
        "vocabulary": fields.count(config, "vocab_size", VOCABULARY),
        "positions": fields.count(config, "max_position_embeddings", 512),
        "token_types": _token_types(config, token_types),
        "hidden": hidden,
        "blocks": fields.count(config, "num_hidden_layers", 12, largest=fields.MOST_BLOCKS),
        "attention": attention(hidden, count, ("hidden_size", "num_attention_heads")),
        "feed_forward": FeedForward(
            fields.count(config, "intermediate_size", 3072), fields.choice(config, "hidden_act", "gelu", ACTIVATIONS)
        ),
        "norm": Norm(fields.positive(config, "layer_norm_eps", 1e-12)),
        "hidden_dropout": hidden_dropout,
        "attention_dropout": fields.rate(config, "attention_probs_dropout_prob", 0.1),
        "mixed_dropout": hidden_dropout,
        "feed_forward_dropout": hidden_dropout,
        "initializer_range": fields.positive(config, "initializer_range", 0.02),
        "pad_token": pad_row or 0,
        "untrained_token": pad_row,
    }
    return Transformer(**{**described, **more})


def _token_types(config: Mapping[str, Any], default: int | None) -> int:
    if default is None:
        return 0
    return fields.count(config, "type_vocab_size", default, smallest=min(default, 1))


def two_layer_head(
    architecture: Architecture, outputs: int, pooling: Pooling, pair: str, activation: Activation
) -> Head:
    """Return RoBERTa's head: dropout, linear map, activation, dropout, linear map; see `heads.head`."""
    rate = classifier_dropout(architecture.config)
    return heads.head(
        architecture,
        outputs,
        pooling,
        pair,
        pooler=heads.Pooler("classifier.dense", activation, rate),
        classifier="classifier.out_proj",
        dropout=rate,
    )


def token_classifier(architecture: Architecture, outputs: int) -> TokenHead:
    """Return BERT's head for tokens: dropout, one linear map."""
    rate = classifier_dropout(architecture.config)
    return heads.token_classifier(architecture, outputs, classifier="classifier", dropout=rate)


def classifier_dropout(config: Mapping[str, Any]) -> float:
    """Return the dropout rate before the classifier; the default is that of hidden states."""
    return fields.rate(config, "classifier_dropout", fields.rate(config, "hidden_dropout_prob", 0.1))

"""DeBERTa (He et al. 2021) in the form of its versions 2 and 3: disentangled attention and BERT's blocks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ftcore.contract.network import (
    Architecture,
    Attention,
    Disentangled,
    EmbeddingConvolution,
    Head,
    Pooling,
    PositionTerm,
    TokenHead,
)
from ftcore.errors import ModelError
from ftcore.models.families import fields, heads, parameters, post_norm
from ftcore.models.families.activations import ACTIVATIONS
from ftcore.models.families.heads import Pooler

Config = Mapping[str, Any]
DEFAULTS = {
    "vocab_size": 128100,
    "hidden_size": 1536,
    "num_hidden_layers": 24,
    "num_attention_heads": 24,
    "intermediate_size": 6144,
    "layer_norm_eps": 1e-7,
}
"""transformers' defaults that differ from BERT's."""
TERMS: dict[str, PositionTerm] = {"c2p": "content_to_position", "p2c": "position_to_content"}
"""The terms of attention by their names in pos_att_type."""
DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "pooler_dropout", "cls_dropout")
NAMES = replace(
    post_norm.bert_names("deberta."),
    dense={
        **post_norm.BLOCK_DENSE,
        "attention.query": "attention.self.query_proj",
        "attention.key": "attention.self.key_proj",
        "attention.value": "attention.self.value_proj",
        "attention.position_key": "attention.self.pos_key_proj",
        "attention.position_query": "attention.self.pos_query_proj",
    },
    outside={
        **post_norm.OUTSIDE,
        "embeddings.projection": "embeddings.embed_proj",
        "relative_positions": "encoder.rel_embeddings",
        "relative_positions.norm": "encoder.LayerNorm",
        "convolution": "encoder.conv.conv",
        "convolution.norm": "encoder.conv.LayerNorm",
    },
)
POSITION_DROPOUT = {"attention.relative_positions": "attention.self.pos_dropout"}
CONVOLUTION_DROPOUT = {"convolution": "encoder.conv.dropout"}
# Heads of pretraining and other tasks, the body's buffer, unused positions, and the tables of tokens and positions
# that version 3 keeps of its generator.
IGNORED = re.compile(
    r"(deberta\.)?embeddings\.(position_ids|position_embeddings\.weight|(word|position)_embeddings\._weight)"
    r"|cls\.predictions\.(bias|decoder\.(weight|bias)|transform\.(dense|LayerNorm)\.(weight|bias))"
    r"|lm_predictions\.lm_head\.(bias|(dense|LayerNorm)\.(weight|bias))"
    r"|mask_predictions\.(dense|LayerNorm|classifier)\.(weight|bias)"
    r"|(pooler\.dense|qa_outputs|classifier)\.(weight|bias)"
)


@dataclass(frozen=True)
class DebertaV2:
    """DeBERTa; names are those of transformers' DebertaV2ForSequenceClassification."""

    name: str = "deberta-v2"
    prefix: str = NAMES.prefix
    body_class: str = "DebertaV2Model"
    classifier_class: str = "DebertaV2ForSequenceClassification"
    tokens_classifier_class: str = "DebertaV2ForTokenClassification"
    kept: tuple[str, ...] = ()
    pooling: Pooling = "pooler"

    def architecture(self, config: Config, dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        config = _checked({**DEFAULTS, **config}, dropout)
        hidden, pad_row = fields.count(config, "hidden_size", 1), post_norm.padding_token(config)
        embedding = fields.count(config, "embedding_size", hidden)
        body = post_norm.transformer(
            config,
            token_types=0,
            pad_row=pad_row,
            attention=_attention(config, hidden),
            embedding=None if embedding == hidden else embedding,
            position_table=fields.flag(config, "position_biased_input", True),
            projects_first=True,
            convolution=_convolution(config),
            # Relative positions depend on the position in a row, and the last layer cannot compute single tokens.
            reads_whole=True,
        )
        relative = {} if body.attention.disentangled is None else POSITION_DROPOUT
        names = replace(NAMES, dropouts={**NAMES.dropouts, **relative})
        # transformers multiplies the embeddings by the mask, which therefore cannot be [tokens, tokens].
        found = parameters.architecture(self, body, names, config, pad_row, packs=False)
        convolution = {} if body.convolution is None else CONVOLUTION_DROPOUT
        return replace(found, dropout_modules={**found.dropout_modules, **convolution})

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: dropout, a linear map and its activation, or another pooling; dropout, one linear map."""
        config = architecture.config
        activation = fields.choice(config, "pooler_hidden_act", "gelu", ACTIVATIONS)
        return heads.head(
            architecture,
            outputs,
            pooling,
            pair,
            pooler=Pooler("pooler.dense", activation, fields.rate(config, "pooler_dropout", 0.0)),
            classifier="classifier",
            dropout=_classifier_dropout(config),
        )

    def token_classifier(self, architecture: Architecture, outputs: int) -> TokenHead:
        """Return the head for tokens: dropout, one linear map."""
        rate = fields.rate(architecture.config, "hidden_dropout_prob", 0.1)
        return heads.token_classifier(architecture, outputs, classifier="classifier", dropout=rate)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without "deberta."."""
        return parameters.without_prefix(name, self.prefix)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a known buffer, unused positions, or of another head."""
        return IGNORED.fullmatch(name) is not None


def _checked(config: Config, dropout: float | None) -> dict[str, Any]:
    """Return the config with the spec's dropout, if any; refuse invalid and unsupported fields."""
    found = fields.with_dropout(config, DROPOUTS, dropout)
    hidden = fields.count(found, "hidden_size", 1)
    of_head = (hidden // fields.count(found, "num_attention_heads", 1),)
    one_size = {"pooler_hidden_size": (hidden,), "attention_head_size": of_head, "conv_groups": (1,)}
    fields.refuse(found, {**post_norm.NEUTRAL, **one_size})
    fields.choice(found, "pooler_hidden_act", "gelu", ACTIVATIONS)
    fields.rate(found, "pooler_dropout", 0.0)
    _classifier_dropout(found)
    return found


def _classifier_dropout(config: Config) -> float:
    return fields.rate(config, "cls_dropout", fields.rate(config, "hidden_dropout_prob", 0.1))


def _attention(config: Config, hidden: int) -> Attention:
    terms, disentangled = _terms(config), _disentangled(config)
    found = post_norm.attention(
        hidden, fields.count(config, "num_attention_heads", 1), ("hidden_size", "num_attention_heads")
    )
    # transformers computes the root in float32, and counts the terms even without relative positions.
    root = np.sqrt(np.float32(found.channels * (1 + len(terms))))
    return replace(found, scale=1.0 / float(root), disentangled=disentangled)


def _disentangled(config: Config) -> Disentangled | None:
    """Return the relative positions of a config; refuse one with unused parameters, which would have no gradient."""
    terms, norm = _terms(config), _normalized(config)
    if not fields.flag(config, "relative_attention", False):
        if norm:
            raise ModelError("norm_rel_ebd is layer_norm, but without relative_attention there is nothing to normalize")
        return None
    if not terms:
        given = fields.given(config, "pos_att_type")
        raise ModelError(f"pos_att_type is {given!r}: relative_attention needs c2p, p2c or both")
    shared = fields.flag(config, "share_att_key", False)
    return Disentangled(terms, *_distances(config), shared, norm)


def _terms(config: Config) -> frozenset[PositionTerm]:
    given = fields.given(config, "pos_att_type") or []
    names = [name.strip() for name in given.lower().split("|")] if isinstance(given, str) else given
    if not (isinstance(names, list) and all(isinstance(name, str) and name in TERMS for name in names)):
        raise ModelError(f"pos_att_type is {given!r}; allowed: {' and '.join(TERMS)}")
    return frozenset(TERMS[name] for name in names)


def _normalized(config: Config) -> bool:
    given = fields.given(config, "norm_rel_ebd", "none")
    kinds = {name.strip() for name in given.lower().split("|")} if isinstance(given, str) else {None}
    if not kinds <= {"none", "layer_norm"}:
        raise ModelError(f"norm_rel_ebd is {given!r}; allowed: none, layer_norm")
    return "layer_norm" in kinds


def _distances(config: Config) -> tuple[int, int | None]:
    """Return the largest distance, and the number of buckets or None."""
    farthest = fields.count(config, "max_relative_positions", -1, smallest=-1)
    if farthest < 1:
        farthest = fields.count(config, "max_position_embeddings", 512)
    count = fields.count(config, "position_buckets", -1, smallest=-1)
    if count < 1:
        return farthest, None
    # The logarithm divides by half the number of buckets, and by the logarithm of the largest distance over that half.
    if count < 2 or farthest - 1 <= count // 2:
        raise ModelError(f"position_buckets is {count}, but must be from 2 to less than twice {farthest - 1}")
    return farthest, count


def _convolution(config: Config) -> EmbeddingConvolution | None:
    width = fields.count(config, "conv_kernel_size", 0, smallest=0)
    if not width:
        return None
    if not width % 2:
        raise ModelError(f"conv_kernel_size is {width}, but must be odd: an even kernel has no middle token")
    return EmbeddingConvolution(width, fields.choice(config, "conv_act", "tanh", ACTIVATIONS))

"""ELECTRA (Clark et al. 2020): BERT with narrow embeddings, and a classification head of two linear maps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.models.families import fields, post_norm
from ftcore.models.network import Architecture, Head, Pooling

DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout")
SIZES = {"embedding_size": 128, "hidden_size": 256, "num_attention_heads": 4, "intermediate_size": 1024}
"""transformers' defaults, where they are not BERT's."""
# What pretraining and other tasks add to the body, and buffers of older versions.
IGNORED = re.compile(
    r"(electra\.)?embeddings\.(position_ids|token_type_ids)"
    r"|discriminator_predictions\.(dense|dense_prediction)\.(weight|bias)"
    r"|generator_predictions\.(dense|LayerNorm)\.(weight|bias)|generator_lm_head\.(weight|bias)"
    r"|(qa_outputs|classifier|classifier\.(dense|out_proj)|sequence_summary\.summary)\.(weight|bias)"
)


@dataclass(frozen=True)
class Electra:
    """ELECTRA; names are those of transformers' ElectraForSequenceClassification."""

    name: str = "electra"
    prefix: str = "electra."
    body_class: str = "ElectraModel"
    classifier_class: str = "ElectraForSequenceClassification"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return what a config describes; fields that it lacks have transformers' defaults."""
        config = {**SIZES, **post_norm.with_dropout(config, DROPOUTS, dropout)}
        fields.refuse(config, post_norm.NEUTRAL)
        post_norm.classifier_dropout(config)
        pad_row = fields.row(config, "pad_token_id", 0, fields.count(config, "vocab_size", 30522))
        embedding, hidden = (fields.count(config, name, SIZES[name]) for name in ("embedding_size", "hidden_size"))
        projected = None if embedding == hidden else embedding
        body = post_norm.transformer(config, pad_row=pad_row, embedding=projected)
        names = post_norm.bert_names(self.prefix)
        return Architecture(
            body,
            post_norm.body_parameters(body, names, pad_row),
            self.name,
            config,
            packs=True,
            dropout_modules=post_norm.dropout_modules(body, names),
        )

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: dropout, a linear map and GELU, or another pooling; dropout, one linear map."""
        rate = post_norm.classifier_dropout(architecture.config)
        return post_norm.head(
            architecture,
            outputs,
            pooling,
            pair,
            pooler=("classifier.dense", "gelu"),
            classifier="classifier.out_proj",
            dropout=rate,
            pooler_dropout=rate,
        )

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without "electra."."""
        return post_norm.without_prefix(name, self.prefix)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a known buffer, or another head's."""
        return IGNORED.fullmatch(name) is not None

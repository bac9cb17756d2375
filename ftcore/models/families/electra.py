"""ELECTRA (Clark et al. 2020): BERT with narrow embeddings, and a classification head of two linear maps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.contract.network import Architecture, Head, Pooling, TokenHead
from ftcore.models.families import fields, parameters, post_norm

SIZES = {"embedding_size": 128, "hidden_size": 256, "num_attention_heads": 4, "intermediate_size": 1024}
"""transformers' defaults that differ from BERT's."""
# Heads of pretraining and other tasks, and buffers of older versions.
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
    tokens_classifier_class: str = "ElectraForTokenClassification"
    kept: tuple[str, ...] = ()
    pooling: Pooling = "pooler"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        config = post_norm.checked({**SIZES, **config}, dropout)
        pad_row = post_norm.padding_token(config)
        embedding, hidden = (fields.count(config, name, SIZES[name]) for name in ("embedding_size", "hidden_size"))
        projected = None if embedding == hidden else embedding
        body = post_norm.transformer(config, pad_row=pad_row, embedding=projected)
        names = post_norm.bert_names(self.prefix)
        return parameters.architecture(self, body, names, config, pad_row)

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: dropout, a linear map and GELU, or another pooling; dropout, one linear map."""
        return post_norm.two_layer_head(architecture, outputs, pooling, pair, "gelu")

    def token_classifier(self, architecture: Architecture, outputs: int) -> TokenHead:
        """Return the head for tokens: dropout, one linear map."""
        return post_norm.token_classifier(architecture, outputs)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without "electra."."""
        return parameters.without_prefix(name, self.prefix)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a known buffer, or of another head."""
        return IGNORED.fullmatch(name) is not None

"""MPNet (Song et al. 2020): like RoBERTa, with relative positions besides the learned ones and no token types."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ftcore.contract.network import Architecture, Head, Pooling, RelativePositions, TokenHead
from ftcore.errors import ModelError
from ftcore.models.families import fields, heads, parameters, post_norm
from ftcore.models.families.parameters import Names

NAMES = Names(
    prefix="mpnet.",
    layers="encoder.layer.{}",
    dense={
        "attention.query": "attention.attn.q",
        "attention.key": "attention.attn.k",
        "attention.value": "attention.attn.v",
        "attention.output": "attention.attn.o",
        "feed_forward.inner": "intermediate.dense",
        "feed_forward.outer": "output.dense",
    },
    norms={"attention.norm": "attention.LayerNorm", "feed_forward.norm": "output.LayerNorm"},
    dropouts={
        "attention.weights": "attention.attn.dropout",
        "attention": "attention.dropout",
        "feed_forward": "output.dropout",
    },
    outside={**post_norm.OUTSIDE, "relative_positions": "encoder.relative_attention_bias"},
    embedding_dropout="embeddings.dropout",
)
PADDING = 1
"""The id from which transformers' MPNet counts positions, and whose row it does not train, whatever pad_token_id is."""
BUCKETS, FARTHEST = 32, 128
# Heads of other tasks, buffers of older versions, and the pooler, which the classification head does not use.
IGNORED = re.compile(
    r"(mpnet\.)?embeddings\.position_ids|(mpnet\.)?pooler\.dense\.(weight|bias)"
    r"|lm_head\.(bias|(decoder|dense|layer_norm)\.(weight|bias))"
    r"|(qa_outputs|classifier|classifier\.(dense|out_proj))\.(weight|bias)"
)


@dataclass(frozen=True)
class MPNet:
    """MPNet; names are those of transformers' MPNetForSequenceClassification."""

    name: str = "mpnet"
    prefix: str = NAMES.prefix
    body_class: str = "MPNetModel"
    classifier_class: str = "MPNetForSequenceClassification"
    tokens_classifier_class: str = "MPNetForTokenClassification"
    kept: tuple[str, ...] = ()
    pooling: Pooling = "pooler"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        config = post_norm.checked({"vocab_size": 30527, "pad_token_id": PADDING, **config}, dropout)
        post_norm.padding_token(config)
        fields.refuse(config, {"relative_attention_num_buckets": (BUCKETS,)})
        more = {"first_position": PADDING + 1, "uncounted_token": PADDING, "token_types": None}
        body = post_norm.transformer(config, pad_row=PADDING, **more)
        if body.longest < 1:
            raise ModelError(f"max_position_embeddings is {body.positions}, but the first position is {PADDING + 1}")
        relative = RelativePositions(BUCKETS, FARTHEST, bidirectional=True)
        body = replace(body, attention=replace(body.attention, relative=relative))
        return parameters.architecture(self, body, NAMES, config, PADDING)

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: dropout, a linear map and tanh, or another pooling; dropout, one linear map."""
        return post_norm.two_layer_head(architecture, outputs, pooling, pair, "tanh")

    def token_classifier(self, architecture: Architecture, outputs: int) -> TokenHead:
        """Return the head for tokens: dropout, one linear map."""
        rate = fields.rate(architecture.config, "hidden_dropout_prob", 0.1)
        return heads.token_classifier(architecture, outputs, classifier="classifier", dropout=rate)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without "mpnet."."""
        return parameters.without_prefix(name, self.prefix)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a known buffer, the unused pooler, or of another head."""
        return IGNORED.fullmatch(name) is not None

"""BERT (Devlin et al. 2019): post-norm blocks, and a pooler that belongs to the pretrained model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.contract.network import Architecture, Head, Parameter, Pooling, TokenHead, Transformer
from ftcore.models.families import fields, heads, parameters, post_norm
from ftcore.models.families.activations import ACTIVATIONS

PREFIX = "bert."
# Heads of other tasks, buffers of older versions, and parts this network may not need: the pooler, an old classifier.
IGNORED = re.compile(
    r"(bert\.)?embeddings\.(position_ids|token_type_ids)"
    r"|(bert\.)?pooler\.dense\.(weight|bias)"
    r"|cls\.predictions\.(bias|decoder\.(weight|bias)|transform\.dense\.(weight|bias))"
    r"|cls\.predictions\.transform\.LayerNorm\.(weight|bias|gamma|beta)"
    r"|(cls\.seq_relationship|qa_outputs|classifier)\.(weight|bias)"
)


@dataclass(frozen=True)
class Bert:
    """BERT; names are those of transformers' BertForSequenceClassification and BertForMaskedLM."""

    name: str = "bert"
    prefix: str = PREFIX
    body_class: str = "BertModel"
    classifier_class: str = "BertForSequenceClassification"
    tokens_classifier_class: str = "BertForTokenClassification"
    kept: tuple[str, ...] = ()
    pooling: Pooling = "pooler"
    language_model_class: str = "BertForMaskedLM"
    head_weight: str = "cls.predictions.decoder.weight"
    table_copies: tuple[str, ...] = ()

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        config = post_norm.checked(config, dropout)
        fields.refuse(config, {"embedding_size": (fields.count(config, "hidden_size", 768), None)})
        pad_row = post_norm.padding_token(config)
        body, names = post_norm.transformer(config, pad_row=pad_row), post_norm.bert_names(self.prefix)
        return parameters.architecture(self, body, names, config, pad_row)

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: pooler or another pooling, dropout, one linear map."""
        return heads.head(
            architecture,
            outputs,
            pooling,
            pair,
            pooler=heads.Pooler(f"{self.prefix}pooler.dense", "tanh"),
            classifier="classifier",
            dropout=post_norm.classifier_dropout(architecture.config),
        )

    def token_classifier(self, architecture: Architecture, outputs: int) -> TokenHead:
        """Return the head for tokens: dropout, one linear map."""
        return post_norm.token_classifier(architecture, outputs)

    def is_tied(self, config: Mapping[str, Any]) -> bool:
        """Return true: a config that does not tie is refused, because the head's bias would differ too."""
        fields.refuse(config, {"tie_word_embeddings": (True, None)})
        return True

    def token_head(self, architecture: Architecture, tied: bool) -> TokenHead:
        """Return the masked language model's head: a dense layer, a norm, and a linear map."""
        if not isinstance(architecture.body, Transformer):
            raise TypeError(f"a {type(architecture.body).__name__} is not a BERT")
        return masked_head(architecture.body, architecture.config, "", tied)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without "bert."; names of norms also with gamma and beta."""
        names = [name]
        if "LayerNorm." in name:
            names.append(
                name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
            )
        return (*names, *(other.removeprefix(self.prefix) for other in names if other.startswith(self.prefix)))

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a known buffer, a head of another task, or an unneeded pooler or classifier."""
        return IGNORED.fullmatch(name) is not None


def masked_head(body: Transformer, config: Mapping[str, Any], prefix: str, tied: bool) -> TokenHead:
    """Return the head of BERT's masked language model; `prefix` is the prefix of its names."""
    name = f"{prefix}cls.predictions"
    activation = fields.choice(config, "hidden_act", "gelu", ACTIVATIONS)
    return heads.token_head(
        body,
        tied=tied,
        classifier=f"{name}.decoder",
        bias=Parameter(f"{name}.bias", "classifier.bias", (body.vocabulary,), "bias", "zeros"),
        transform=(f"{name}.transform.dense", activation, f"{name}.transform.LayerNorm", body.norm),
    )

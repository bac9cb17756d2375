"""RoBERTa (Liu et al. 2019), XLM-RoBERTa (Conneau et al. 2020) and CamemBERT (Martin et al. 2020).

BERT with positions counted from the padding token's id, and a classification head of two linear maps.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.contract.network import Architecture, Head, Pooling, TokenHead
from ftcore.errors import ModelError
from ftcore.models.families import parameters, post_norm

# Heads of other tasks, buffers of older versions, and the pooler, which the classification head does not use.
IGNORED = re.compile(
    r"(roberta\.)?embeddings\.(position_ids|token_type_ids)"
    r"|(roberta\.)?pooler\.dense\.(weight|bias)"
    r"|lm_head\.(bias|(decoder|dense|layer_norm)\.(weight|bias))"
    r"|(qa_outputs|classifier|classifier\.(dense|out_proj))\.(weight|bias)"
)


@dataclass(frozen=True)
class Roberta:
    """RoBERTa; names are those of transformers' RobertaForSequenceClassification.

    Attributes:
        vocabulary: transformers' default of vocab_size.
    """

    name: str
    body_class: str
    classifier_class: str
    vocabulary: int
    prefix: str = "roberta."
    kept: tuple[str, ...] = ()
    pooling: Pooling = "pooler"

    @property
    def tokens_classifier_class(self) -> str:
        """The token classifier's class in transformers."""
        return self.body_class.replace("Model", "ForTokenClassification")

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config; missing fields have transformers' defaults."""
        config = post_norm.checked({"vocab_size": self.vocabulary, "pad_token_id": 1, **config}, dropout)
        pad_row = post_norm.padding_token(config)
        if pad_row is None:
            raise ModelError("pad_token_id is null, but positions are counted from it")
        body = post_norm.transformer(config, pad_row=pad_row, first_position=pad_row + 1, uncounted_token=pad_row)
        if body.longest < 1:
            raise ModelError(f"max_position_embeddings is {body.positions}, but the first position is {pad_row + 1}")
        names = post_norm.bert_names(self.prefix)
        return parameters.architecture(self, body, names, config, pad_row)

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: dropout, a linear map and tanh, or another pooling; dropout, one linear map."""
        return post_norm.two_layer_head(architecture, outputs, pooling, pair, "tanh")

    def token_classifier(self, architecture: Architecture, outputs: int) -> TokenHead:
        """Return the head for tokens: dropout, one linear map."""
        return post_norm.token_classifier(architecture, outputs)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return the name with and without "roberta."."""
        return parameters.without_prefix(name, self.prefix)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor is a known buffer, the unused pooler, or of another head."""
        return IGNORED.fullmatch(name) is not None


ROBERTAS = (
    Roberta("roberta", "RobertaModel", "RobertaForSequenceClassification", 50265),
    Roberta("xlm-roberta", "XLMRobertaModel", "XLMRobertaForSequenceClassification", 30522),
    Roberta("camembert", "CamembertModel", "CamembertForSequenceClassification", 30522),
)

"""The families' heads that label every token, as transformers' ...ForTokenClassification have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.errors import ModelError
from ftcore.models.families import fields, heads
from ftcore.models.families.base import Family
from ftcore.models.families.modernbert import ModernBert
from ftcore.models.families.parameters import dense, norm
from ftcore.models.network import Architecture, Dense, TokenHead, Transformer


@dataclass(frozen=True)
class Form:
    """What differs between families.

    Attributes:
        dropouts: the fields that may say the rate before the linear map; the first that is given does.
        default: the rate where none is.
        classifier: the checkpoint's name of the linear map.
    """

    dropouts: tuple[str, ...]
    default: float = 0.1
    classifier: str = "classifier"


POST_NORM = Form(("classifier_dropout", "hidden_dropout_prob"))
GENERIC = Form(("classifier_dropout", "hidden_dropout"), classifier="score")
FORMS: dict[str, Form] = {
    **dict.fromkeys(("bert", "roberta", "xlm-roberta", "camembert", "electra"), POST_NORM),
    **dict.fromkeys(("llama", "mistral", "qwen2", "qwen3", "smollm3", "gemma", "gemma2", "phi3"), GENERIC),
    "distilbert": Form(("dropout",)),
    "albert": Form(("classifier_dropout_prob",)),
    "mpnet": Form(("hidden_dropout_prob",)),
    "deberta-v2": Form(("hidden_dropout_prob",)),
    "modernbert": Form(("classifier_dropout",), 0.0),
    "gpt2": Form(("classifier_dropout", "hidden_dropout")),
}


def token_classifier_class(family: Family) -> str:
    """Return the class of a family's token classifier in transformers.

    Raises:
        ModelError: it has none.
    """
    if family.name not in FORMS:
        raise ModelError(f"a {family.name} has no head that labels tokens; those that have: {', '.join(FORMS)}")
    return family.classifier_class.replace("ForSequence", "ForToken")


def token_classifier(family: Family, architecture: Architecture, outputs: int, dropout: float | None) -> TokenHead:
    """Return the head: dropout and a linear map of every token's last hidden state.

    Args:
        family: of the architecture.
        architecture: whose body is a Transformer.
        outputs: number of labels.
        dropout: replaces the config's rate, or None.

    Raises:
        ModelError: the family has no such head, or a field is wrong.
    """
    token_classifier_class(family)
    form, config, body = FORMS[family.name], architecture.config, architecture.body
    if not isinstance(body, Transformer):
        raise TypeError(f"a {type(body).__name__} has no tokens to label")
    pooler = ModernBert.pooler(config) if family.name == ModernBert.name else None
    return TokenHead(
        outputs=outputs,
        classifier=Dense("classifier"),
        tied=False,
        classifies=True,
        dropout=_rate(config, form) if dropout is None else dropout,
        transform=None if pooler is None else Dense("transform", pooler.activation),
        norm=None if pooler is None else pooler.norm,
        parameters=(
            *([] if pooler is None else _transform(pooler, body.hidden)),
            *dense("classifier", form.classifier, outputs, body.hidden, bias=_has_bias(config)),
        ),
    )


def _transform(pooler: heads.Pooler, hidden: int) -> list[Any]:
    parameters = dense("transform", pooler.name, hidden, hidden, bias=pooler.bias)
    if pooler.norm is not None:
        parameters += norm("transform.norm", pooler.norm_name, hidden, pooler.norm)
    return parameters


def _rate(config: Mapping[str, Any], form: Form) -> float:
    given = (name for name in form.dropouts if fields.given(config, name) is not None)
    return fields.rate(config, next(given, form.dropouts[0]), form.default)


def _has_bias(config: Mapping[str, Any]) -> bool:
    return fields.flag(config, "token_classification_bias", True)

"""Builds the heads of the families, from hidden states to logits, with each family's names."""

from dataclasses import dataclass, replace
from typing import Any

from ftcore.contract.network import (
    Activation,
    Architecture,
    Dense,
    Head,
    Norm,
    PairFeatures,
    Parameter,
    Pooling,
    TokenHead,
    Transformer,
)
from ftcore.errors import ModelError
from ftcore.models.families.parameters import dense, norm


@dataclass(frozen=True)
class Pooler:
    """A family's pooler: dropout, linear map, activation, norm.

    Attributes:
        name: the checkpoint's name of the linear map.
        activation: activation after the linear map.
        dropout: dropout rate before the linear map.
        bias: whether the linear map has a bias.
        reads: the pooling whose vector it reads.
        norm, norm_name: the norm after the activation, or None, and its name in the checkpoint.
    """

    name: str
    activation: Activation
    dropout: float = 0.0
    bias: bool = True
    reads: Pooling = "cls"
    norm: Norm | None = None
    norm_name: str = ""


def head(
    architecture: Architecture,
    outputs: int,
    pooling: Pooling,
    pair: str,
    *,
    classifier: str,
    dropout: float = 0.0,
    pooler: Pooler | None = None,
    bias: bool = True,
) -> Head:
    """Return a head of a pooler or another pooling, followed by one linear map.

    Args:
        architecture: its body is a Transformer.
        outputs: number of logits; 0 for no classifier.
        pooling: how a sequence becomes one vector.
        pair: "separate" for two sequences per example, else "joint".
        classifier: the checkpoint's name of the last linear map.
        dropout: dropout rate before the classifier.
        pooler: the pooler; None if the family has none.
        bias: whether the last linear map has a bias.

    Raises:
        ModelError: the pooling is the pooler, and the family has none.
    """
    if not isinstance(architecture.body, Transformer):
        raise TypeError(f"a {type(architecture.body).__name__} has no hidden states to pool")
    hidden = architecture.body.hidden
    features: PairFeatures = "concat_difference_product" if pair == "separate" else "single"
    own = _asked(architecture, pooler) if pooling == "pooler" else None
    parameters = [] if own is None else _pooler_parameters(own, hidden)
    if outputs:
        inputs = hidden if features == "single" else 4 * hidden
        parameters += dense("classifier", classifier, outputs, inputs, bias=bias)
    found = Head(
        outputs=outputs,
        pooling=pooling,
        pooler=None,
        pair=features,
        classifier=Dense("classifier") if outputs else None,
        dropout=dropout,
        parameters=tuple(parameters),
    )
    if own is None:
        return found
    return replace(
        found,
        pooler=Dense("pooler", own.activation),
        pooler_dropout=own.dropout,
        pooler_reads=own.reads,
        pooler_norm=own.norm,
    )


def token_head(
    body: Transformer,
    *,
    tied: bool,
    classifier: str,
    bias: Parameter | None = None,
    transform: tuple[str, Activation, str, Norm] | None = None,
    **more: Any,
) -> TokenHead:
    """Return a language model's head: an optional dense layer and norm, then a linear map, for every position.

    Args:
        body: the body whose hidden states are read.
        tied: whether the linear map is the token table.
        classifier: the checkpoint's name of the linear map, if it has its own weight.
        bias: the bias of the linear map, or None.
        transform: the checkpoint's name of the dense layer, its activation, the name of its norm and the norm; or None.
        more: other fields of TokenHead.
    """
    parameters: list[Parameter] = []
    if transform is not None:
        name, _, name_of_norm, kind = transform
        parameters += dense("transform", name, body.hidden, body.hidden)
        parameters += norm("transform.norm", name_of_norm, body.hidden, kind)
    if not tied:
        parameters += dense("classifier", classifier, body.vocabulary, body.hidden, bias=False)
    if bias is not None:
        parameters.append(bias)
    return TokenHead(
        outputs=body.vocabulary,
        classifier=Dense("classifier"),
        tied=tied,
        parameters=tuple(parameters),
        transform=None if transform is None else Dense("transform", transform[1]),
        norm=None if transform is None else transform[3],
        **more,
    )


def token_classifier(
    architecture: Architecture,
    outputs: int,
    *,
    classifier: str,
    dropout: float,
    bias: bool = True,
    transform: Pooler | None = None,
) -> TokenHead:
    """Return a task's head for tokens: dropout and a linear map for every position.

    Args:
        architecture: its body is a Transformer.
        outputs: number of logits.
        classifier: the checkpoint's name of the linear map.
        dropout: dropout rate before the linear map.
        bias: whether the linear map has a bias.
        transform: a linear map, activation and norm before it, or None.
    """
    if not isinstance(architecture.body, Transformer):
        raise TypeError(f"a {type(architecture.body).__name__} has no tokens to classify")
    hidden = architecture.body.hidden
    parameters: list[Parameter] = []
    if transform is not None:
        parameters += dense("transform", transform.name, hidden, hidden, bias=transform.bias)
        if transform.norm is not None:
            parameters += norm("transform.norm", transform.norm_name, hidden, transform.norm)
    parameters += dense("classifier", classifier, outputs, hidden, bias=bias)
    return TokenHead(
        outputs=outputs,
        classifier=Dense("classifier"),
        tied=False,
        parameters=tuple(parameters),
        transform=None if transform is None else Dense("transform", transform.activation),
        norm=None if transform is None else transform.norm,
        of_task=True,
        dropout=dropout,
    )


def _asked(architecture: Architecture, pooler: Pooler | None) -> Pooler:
    if pooler is None:
        raise ModelError(
            f"model.pooling: given pooler, but {architecture.family} has none; allowed: cls, mean, max, last"
        )
    return pooler


def _pooler_parameters(pooler: Pooler, hidden: int) -> list[Parameter]:
    parameters = dense("pooler", pooler.name, hidden, hidden, bias=pooler.bias)
    if pooler.norm is not None:
        parameters += norm("pooler_norm", pooler.norm_name, hidden, pooler.norm)
    return parameters

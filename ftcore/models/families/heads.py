"""The heads of the families: from hidden states to logits, under each family's names."""

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
        activation: after it.
        dropout: rate before it.
        bias: whether it has one.
        reads: the pooling whose vector it is given.
        norm, norm_name: the norm after the activation, or None, and the checkpoint's name of it.
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
    """Return a head of a pooler, or another pooling, and one linear map.

    Args:
        architecture: whose body is a Transformer.
        outputs: number of logits; 0 for no classifier.
        pooling: how a sequence becomes one vector.
        pair: "separate" for two sequences an example, else "joint".
        classifier: the checkpoint's name of the last linear map.
        dropout: rate before the classifier.
        pooler: None where the family has none.
        bias: whether the last linear map has one.

    Raises:
        ModelError: the family has no pooler, and it is asked for.
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
    """Return a language model's head: a linear map of every position, after a dense layer and a norm where it has them.

    Args:
        body: whose hidden states are read.
        tied: whether the linear map is the token table.
        classifier: the checkpoint's name of the linear map, where it has a weight of its own.
        bias: that of the linear map, or None.
        transform: the checkpoint's name of a dense layer before, its activation, the name of its norm and the norm.
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
    """Return a task's head for tokens: dropout and a linear map of every position.

    Args:
        architecture: whose body is a Transformer.
        outputs: number of logits.
        classifier: the checkpoint's name of the linear map.
        dropout: rate before it.
        bias: whether it has one.
        transform: linear map, activation and norm before, or None.
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
            f"model.pooling: given pooler, which {architecture.family} has not; allowed: cls, mean, max, last"
        )
    return pooler


def _pooler_parameters(pooler: Pooler, hidden: int) -> list[Parameter]:
    parameters = dense("pooler", pooler.name, hidden, hidden, bias=pooler.bias)
    if pooler.norm is not None:
        parameters += norm("pooler_norm", pooler.norm_name, hidden, pooler.norm)
    return parameters

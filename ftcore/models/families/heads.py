"""The heads of the families: from hidden states to logits, under each family's names."""

from typing import Any

from ftcore.errors import ModelError
from ftcore.models.families import parameters as parameters_of
from ftcore.models.families.parameters import dense
from ftcore.models.network import (
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


def head(
    architecture: Architecture,
    outputs: int,
    pooling: Pooling,
    pair: str,
    *,
    classifier: str,
    dropout: float = 0.0,
    pooler: tuple[str, Activation] | None = None,
    pooler_dropout: float = 0.0,
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
        pooler: the checkpoint's name of the pooler, and its activation; None where the family has none.
        pooler_dropout: rate before the pooler.
        bias: whether the last linear map has one.

    Raises:
        ModelError: the family has no pooler, and it is asked for.
    """
    if not isinstance(architecture.body, Transformer):
        raise TypeError(f"a {type(architecture.body).__name__} has no hidden states to pool")
    hidden = architecture.body.hidden
    features: PairFeatures = "concat_difference_product" if pair == "separate" else "single"
    own = _pooler(architecture, pooler) if pooling == "pooler" else None
    parameters = [] if own is None else dense("pooler", own[0], hidden, hidden)
    if outputs:
        inputs = hidden if features == "single" else 4 * hidden
        parameters += dense("classifier", classifier, outputs, inputs, bias=bias)
    return Head(
        outputs=outputs,
        pooling=pooling,
        pooler=None if own is None else Dense("pooler", own[1]),
        pair=features,
        classifier=Dense("classifier") if outputs else None,
        dropout=dropout,
        parameters=tuple(parameters),
        pooler_dropout=0.0 if own is None else pooler_dropout,
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
        name, _, name_of_norm, norm = transform
        parameters += dense("transform", name, body.hidden, body.hidden)
        parameters += parameters_of.norm("transform.norm", name_of_norm, body.hidden, norm)
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


def _pooler(architecture: Architecture, pooler: tuple[str, Activation] | None) -> tuple[str, Activation]:
    if pooler is None:
        raise ModelError(
            f"model.pooling: given pooler, which {architecture.family} has not; allowed: last, mean, max, cls"
        )
    return pooler

"""The heads of the families: from hidden states to logits, under each family's names."""

from ftcore.errors import ModelError
from ftcore.models.families.parameters import dense
from ftcore.models.network import Activation, Architecture, Dense, Head, PairFeatures, Pooling, Transformer


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


def _pooler(architecture: Architecture, pooler: tuple[str, Activation] | None) -> tuple[str, Activation]:
    if pooler is None:
        raise ModelError(
            f"model.pooling: given pooler, which {architecture.family} has not; allowed: last, mean, max, cls"
        )
    return pooler

"""Base of ftcore's own families: a config without unknown fields, PyTorch's initial values, and the head.

Their tensors have the names of the corresponding torch.nn.Module, so its plain state dict can be loaded.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ftcore.contract.network import Activation, Architecture, Dense, Head, PairFeatures, Parameter, Pooling, Role
from ftcore.errors import ModelError
from ftcore.helpers import did_you_mean
from ftcore.models.families import fields

CLASSIFIER_DROPOUT = "classifier_dropout"
OF_TOKENS = ("vocab_size", "embedding_size", "initializer_range", "pad_token_id")
"""Fields of a family with a token table."""
OF_RESULTS = ("architectures", "dtype", "problem_type", "id2label", "label2id", "pad_token_id")
"""Further fields in the config of a result; they change nothing here."""
ACTIVATIONS: dict[str, Activation] = {"relu": "relu", "tanh": "tanh", "gelu": "gelu", "silu": "silu"}
IGNORED = frozenset({"classifier.weight", "classifier.bias"})
"""Tensors of a checkpoint that a network without a classifier, or with a new one, does not use."""


@dataclass(frozen=True)
class Fields:
    """The fields of a family's config.

    Attributes:
        required: fields without a default.
        others: fields with a default.
        rates: dropout rates, besides that before the classifier; a spec's `model.dropout` replaces them.
        neutral: unsupported fields, with the values that change nothing.
    """

    required: tuple[str, ...]
    others: tuple[str, ...]
    rates: tuple[str, ...]
    neutral: Mapping[str, tuple[Any, ...]]

    def checked(self, config: Mapping[str, Any], dropout: float | None) -> dict[str, Any]:
        """Return a config with the spec's dropout, if any, in place of its rates.

        Raises:
            ModelError: a field is missing, unknown or unsupported.
        """
        fields.refuse(config, self.neutral)
        rates = (*self.rates, CLASSIFIER_DROPOUT)
        allowed = ("model_type", *self.required, *self.others, *rates)
        for name in self.required:
            if name not in config:
                raise ModelError(f"{name} is missing")
        for name in config:
            if name not in (*allowed, *OF_RESULTS, *self.neutral):
                near = did_you_mean(name, allowed)
                raise ModelError(f"unknown field {name!r}{near}; allowed: {', '.join(allowed)}")
        return dict(config) if dropout is None else {**config, **dict.fromkeys(rates, dropout)}


def embedding(config: Mapping[str, Any], rows: int, size: int) -> Parameter:
    """Return the token table; the padding token's row starts at zero."""
    padding = fields.row(config, "pad_token_id", 0, rows)
    return Parameter("embedding.weight", "embeddings.tokens", (rows, size), "embedding", "normal", padding)


def uniform(name: str, path: str, shape: tuple[int, ...], role: Role, fan: int) -> Parameter:
    """Return a parameter with PyTorch's initialization: uniform from -1 / sqrt(fan) to 1 / sqrt(fan).

    torch.nn.Linear, Conv1d and Conv2d use it for weight and bias, where `fan` is the number of inputs of an output;
    torch.nn.LSTM and GRU use the number of hidden channels.
    """
    return Parameter(name, path, shape, role, "uniform", bound=1.0 / math.sqrt(fan))


def linear(path: str, name: str, outputs: int, inputs: int, window: tuple[int, ...] = ()) -> list[Parameter]:
    """Return the weight and bias of a linear map, or of a convolution over `window`."""
    fan = math.prod((inputs, *window))
    return [
        uniform(f"{name}.weight", f"{path}.weight", (outputs, inputs, *window), "weight", fan),
        uniform(f"{name}.bias", f"{path}.bias", (outputs,), "bias", fan),
    ]


def sites(paths: Sequence[str]) -> dict[str, str]:
    """Return the places with dropout, as `Architecture.dropout_modules`."""
    return {path: path for path in paths}


def head(architecture: Architecture, size: int, outputs: int, pooling: Pooling, pair: str) -> Head:
    """Return a head of one linear map after dropout.

    Args:
        architecture: architecture of the family.
        size: channels of a pooled vector.
        outputs: number of logits; 0 for no classifier.
        pooling: how a sequence becomes one vector.
        pair: "separate" for two sequences per example, else "joint".
    """
    features: PairFeatures = "concat_difference_product" if pair == "separate" else "single"
    inputs = size if features == "single" else 4 * size
    return Head(
        outputs=outputs,
        pooling=pooling,
        pooler=None,
        pair=features,
        classifier=Dense("classifier") if outputs else None,
        dropout=fields.rate(architecture.config, CLASSIFIER_DROPOUT, 0.0),
        parameters=tuple(linear("classifier", "classifier", outputs, inputs)) if outputs else (),
    )


def own_pooling(pooling: Pooling, own: Pooling, others: Sequence[Pooling], family: str) -> Pooling:
    """Return "pooler" for the family's own pooling, given as "pooler" or as `own`; else one of `others`.

    Raises:
        ModelError: the family does not have it.
    """
    if pooling in ("pooler", own):
        return "pooler"
    if pooling not in others:
        raise ModelError(f"model.pooling: {family} has no pooling {pooling}; allowed: {', '.join((own, *others))}")
    return pooling

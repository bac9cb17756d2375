"""Text CNN (Kim 2014, arXiv:1408.5882): filters of several widths over embeddings, with max pooling over time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.contract.network import Architecture, Head, Parameter, Pooling, TextConvolution
from ftcore.models.families import fields, native

FIELDS = native.Fields(
    ("vocab_size",),
    (*native.OF_TOKENS[1:], "filter_widths", "num_filters", "activation"),
    ("embedding_dropout",),
    {"batch_norm": (False, None)},
)
# The defaults are Kim's sizes and rate.
DEFAULTS: dict[str, Any] = {
    "embedding_size": 300,
    "filter_widths": [3, 4, 5],
    "num_filters": 100,
    native.CLASSIFIER_DROPOUT: 0.5,
}


@dataclass(frozen=True)
class TextCnn:
    """Kim's network with one channel of embeddings, which are trained."""

    name: str = "text-cnn"
    prefix: str = ""
    body_class: str = ""
    kept: tuple[str, ...] = ()
    pooling: Pooling = "pooler"
    classifier_class: str = "FtcoreTextCnnClassifier"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config."""
        config = FIELDS.checked({**DEFAULTS, **config}, dropout)
        body = _body(config)
        filters = [parameter for number, width in enumerate(body.widths) for parameter in _filters(number, width, body)]
        return Architecture(
            body,
            (native.embedding(config, body.vocabulary, body.embedding), *filters),
            self.name,
            config,
            dropout_modules=native.sites(["embeddings"]),
        )

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: the maximum over time, or the mean; dropout, one linear map."""
        if not isinstance(architecture.body, TextConvolution):
            raise TypeError(f"a {type(architecture.body).__name__} has no filters over text")
        chosen = native.own_pooling(pooling, "max", ("mean",), self.name)
        return native.head(architecture, architecture.body.size, outputs, chosen, pair)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return only the name."""
        return (name,)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor belongs to a classifier that is not needed."""
        return name in native.IGNORED


def _filters(number: int, width: int, body: TextConvolution) -> list[Parameter]:
    name = f"convolutions.{number}"
    return native.linear(name, name, body.channels, body.embedding, (width,))


def _body(config: Mapping[str, Any]) -> TextConvolution:
    return TextConvolution(
        vocabulary=fields.count(config, "vocab_size", 0),
        embedding=fields.count(config, "embedding_size", 0),
        widths=fields.counts(config, "filter_widths", ()),
        channels=fields.count(config, "num_filters", 0),
        activation=fields.choice(config, "activation", "relu", native.ACTIVATIONS),
        embedding_dropout=fields.rate(config, "embedding_dropout", 0.0),
        initializer_range=fields.positive(config, "initializer_range", 1.0),
    )

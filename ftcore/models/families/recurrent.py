"""LSTM (Hochreiter and Schmidhuber 1997) and GRU (Cho et al. 2014) over tokens or vectors.

The formulas are those of torch.nn.LSTM and torch.nn.GRU, and the tensors have their names: `rnn.weight_ih_l0`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ftcore.contract.network import GATES, Architecture, Cell, Head, Parameter, Pooling, Recurrent
from ftcore.errors import ModelError
from ftcore.models.families import fields, native

SIZES = ("hidden_size", "num_layers", "bidirectional")
NEUTRAL: dict[str, tuple[Any, ...]] = {"proj_size": (0, None), "bias": (True, None), "batch_norm": (False, None)}
OVER_TOKENS = native.Fields(("vocab_size",), (*native.OF_TOKENS[1:], *SIZES), ("embedding_dropout", "dropout"), NEUTRAL)
OVER_VECTORS = native.Fields(("input_size",), SIZES, ("dropout",), NEUTRAL)
MOST_LAYERS = 100
"""A config with more layers is taken to be damaged."""


@dataclass(frozen=True)
class RecurrentFamily:
    """A stack of one kind of cell.

    Attributes:
        name: the `model_type`.
        cell: cell of every layer.
        classifier_class: class of a result in config.json.
    """

    name: str
    cell: Cell
    classifier_class: str
    prefix: str = ""
    body_class: str = ""
    kept: tuple[str, ...] = ()
    pooling: Pooling = "pooler"

    def architecture(self, config: Mapping[str, Any], dropout: float | None) -> Architecture:
        """Return the architecture of a config: over tokens with `vocab_size`, over vectors with `input_size`."""
        if "vocab_size" not in config and "input_size" not in config:
            raise ModelError("give vocab_size, for tokens, or input_size, for vectors")
        config = (OVER_VECTORS if "input_size" in config else OVER_TOKENS).checked(config, dropout)
        body = _body(config, self.cell)
        table = [] if body.vocabulary is None else [native.embedding(config, body.vocabulary, body.inputs)]
        places = [] if body.vocabulary is None else ["embeddings"]
        return Architecture(
            body,
            (*table, *_layers(body)),
            self.name,
            config,
            dropout_modules=native.sites([*places, *(f"layers.{number}" for number in range(body.layers - 1))]),
        )

    def head(self, architecture: Architecture, outputs: int, pooling: Pooling, pair: str) -> Head:
        """Return the head: the final states of the directions, or another pooling; dropout, one linear map."""
        if not isinstance(architecture.body, Recurrent):
            raise TypeError(f"a {type(architecture.body).__name__} has no states")
        chosen = native.own_pooling(pooling, "last", ("cls", "mean", "max"), self.name)
        return native.head(architecture, architecture.body.size, outputs, chosen, pair)

    def aliases(self, name: str) -> tuple[str, ...]:
        """Return only the name."""
        return (name,)

    def ignores(self, name: str) -> bool:
        """Return whether a tensor belongs to a classifier that is not needed."""
        return name in native.IGNORED


def _body(config: Mapping[str, Any], cell: Cell) -> Recurrent:
    tokens = "vocab_size" in config
    return Recurrent(
        cell=cell,
        vocabulary=fields.count(config, "vocab_size", 0) if tokens else None,
        inputs=fields.count(config, "embedding_size", 128) if tokens else fields.count(config, "input_size", 0),
        hidden=fields.count(config, "hidden_size", 128),
        layers=fields.count(config, "num_layers", 1, largest=MOST_LAYERS),
        bidirectional=fields.flag(config, "bidirectional", False),
        embedding_dropout=fields.rate(config, "embedding_dropout", 0.0),
        dropout=fields.rate(config, "dropout", 0.0),
        initializer_range=fields.positive(config, "initializer_range", 1.0),
    )


def _layers(body: Recurrent) -> Iterator[Parameter]:
    """Yield every layer's parameters, in the order of torch.nn.LSTM."""
    directions = {"forward": "", "backward": "_reverse"} if body.bidirectional else {"forward": ""}
    gates = GATES[body.cell] * body.hidden
    for number in range(body.layers):
        inputs = body.size if number else body.inputs
        for direction, suffix in directions.items():
            path, end = f"layers.{number}.{direction}", f"l{number}{suffix}"
            shapes = {"ih": ("inputs", (gates, inputs)), "hh": ("states", (gates, body.hidden))}
            for stored, (part, shape) in shapes.items():
                name = f"rnn.weight_{stored}_{end}"
                yield native.uniform(name, f"{path}.{part}.weight", shape, "weight", body.hidden)
            for stored, (part, _) in shapes.items():
                name = f"rnn.bias_{stored}_{end}"
                yield native.uniform(name, f"{path}.{part}.bias", (gates,), "bias", body.hidden)


RECURRENT = (
    RecurrentFamily("lstm", "lstm", "FtcoreLstmClassifier"),
    RecurrentFamily("gru", "gru", "FtcoreGruClassifier"),
)

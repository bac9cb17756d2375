"""Describes a body of stacked LSTM or GRU layers."""

from dataclasses import dataclass
from typing import Literal

Cell = Literal["lstm", "gru"]
GATES: dict[Cell, int] = {"lstm": 4, "gru": 3}
"""Number of linear maps that a cell computes at each step; they are stored as one."""


@dataclass(frozen=True)
class Recurrent:
    """Stacked LSTM or GRU layers (the formulas of torch.nn.LSTM and torch.nn.GRU) over tokens or ready vectors.

    Padding, on the right, does not affect states: the backward direction begins at each sequence's own last step.
    The pooling "pooler" concatenates the final states of the last layer's directions.

    Attributes:
        cell: cell of every layer.
        vocabulary: rows of the token table; None if the steps are ready vectors.
        inputs: channels of a token's embedding, or of the ready vectors `values`.
        hidden: channels of a state.
        layers: number of layers; each reads the output of the one before.
        bidirectional: whether each layer has a second direction, whose states follow the first's.
        embedding_dropout: dropout rate of the embeddings.
        dropout: dropout rate of the output of each layer but the last.
        initializer_range: standard deviation of new embeddings.
    """

    cell: Cell
    vocabulary: int | None
    inputs: int
    hidden: int
    layers: int
    bidirectional: bool
    embedding_dropout: float
    dropout: float
    initializer_range: float

    @property
    def size(self) -> int:
        """Channels of a layer's output, and of the pooled vector."""
        return self.hidden * (2 if self.bidirectional else 1)

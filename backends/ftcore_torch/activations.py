"""Defines the results that every kind of network returns."""

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor


@dataclass(frozen=True)
class Activations:
    """Results of a network: logits [examples, outputs], pooled [sequences, hidden], hidden_states.

    If every token has logits, they are [rows, length, outputs].
    """

    logits: Tensor | None
    pooled: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None


class Encoded(NamedTuple):
    """Output of one of ftcore's own bodies.

    Attributes:
        pooled: float [sequences, size].
        states: outputs of the embeddings and of every layer, float [sequences, length, channels], 0 at padding; for
            images [examples, channels, height, width].
    """

    pooled: Tensor
    states: tuple[Tensor, ...]

"""Defines the results that every kind of network returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ftcore_keras.layers.functions import Tensor


@dataclass(frozen=True)
class Activations:
    """Results of a network: logits [examples, outputs], pooled [sequences, hidden], hidden_states.

    A language model's logits are [rows, length, outputs].
    """

    logits: Tensor | None
    pooled: Tensor | None = None
    hidden_states: Sequence[Tensor] | None = None


class Encoded(NamedTuple):
    """Output of one of ftcore's own bodies.

    Attributes:
        pooled: float [sequences, size].
        states: outputs of the embeddings and of every layer, float [sequences, length, channels], 0 at padding; for
            images [examples, channels, height, width].
    """

    pooled: Tensor
    states: list[Tensor]

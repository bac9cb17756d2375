"""What a network computes, whichever kind it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ftcore_keras.layers.functions import Tensor


@dataclass(frozen=True)
class Activations:
    """What a network computes: logits [examples, outputs], pooled [sequences, hidden], hidden_states.

    A language model's logits are [rows, length, outputs].
    """

    logits: Tensor | None
    pooled: Tensor | None = None
    hidden_states: Sequence[Tensor] | None = None


class Encoded(NamedTuple):
    """What a body of ftcore's own gives.

    Attributes:
        pooled: float [sequences, size].
        states: the embeddings' and every layer's output, float [sequences, length, channels], 0 at padding; of images
            [examples, channels, height, width].
    """

    pooled: Tensor
    states: list[Tensor]

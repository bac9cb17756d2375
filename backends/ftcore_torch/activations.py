"""What a network computes, whichever kind it is."""

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor


@dataclass(frozen=True)
class Activations:
    """What a network computes: logits [examples, outputs], pooled [sequences, hidden], hidden_states.

    The logits of every token are [rows, length, outputs].
    """

    logits: Tensor | None
    pooled: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None


class Encoded(NamedTuple):
    """What a body of ftcore's own gives.

    Attributes:
        pooled: float [sequences, size].
        states: the embeddings' and every layer's output, float [sequences, length, channels], 0 at padding; of images
            [examples, channels, height, width].
    """

    pooled: Tensor
    states: tuple[Tensor, ...]

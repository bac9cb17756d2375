"""What a network computes, whichever kind it is."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Activations:
    """What a network computes: logits [examples, outputs], pooled [sequences, hidden], hidden_states.

    A language model's logits are [rows, length, outputs].
    """

    logits: Tensor | None
    pooled: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None

"""Defines the outputs of a forward pass, and the request for them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Want:
    """Which outputs `forward` must return.

    Attributes:
        logits: the logits; False for a network without a head.
        loss: the sum of weighted losses.
        hidden_states: outputs of the embeddings and of every block, the encoder's first; in ftcore's own families
            they are 0 at padding.
        pooled: the pooled vector that the head reads.
        likelihood: log-probability of each sequence's labels, for a network with a TokenHead; the large logits over a
            vocabulary then stay on the device.
    """

    logits: bool = True
    loss: bool = False
    hidden_states: bool = False
    pooled: bool = False
    likelihood: bool = False


@dataclass(frozen=True)
class Likelihood:
    """Likelihood of the labels of each sequence, in the batch's order, whether packed or not.

    Attributes:
        log_probability: float [sequences], the sum over its positions of weight * log softmax(logits)[label], nats.
        hits: float [sequences], the sum of the weights of positions whose largest logit is the label's.
        tokens: float [sequences], the sum of the weights.
    """

    log_probability: np.ndarray
    hits: np.ndarray
    tokens: np.ndarray


@dataclass(frozen=True)
class Outputs:
    """Outputs of `forward`; an output that was not requested is None.

    Attributes:
        logits: float [examples, outputs]; with a TokenHead [rows, length, outputs]; for a head of vectors
            [sequences, hidden].
        loss: sum of weighted losses over the batch.
        hidden_states: blocks + 1 arrays, float [sequences, length, hidden]; for images [examples, channels, height,
            width].
        pooled: float [sequences, hidden].
        likelihood: likelihood of each sequence's labels.
    """

    logits: np.ndarray | None = None
    loss: float | None = None
    hidden_states: Sequence[np.ndarray] | None = None
    pooled: np.ndarray | None = None
    likelihood: Likelihood | None = None

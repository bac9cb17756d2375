"""What a forward pass gives, and which parts of it are wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Want:
    """Which outputs `forward` must give beside the logits.

    Attributes:
        logits: False for a network without a head.
        loss: the sum of weighted losses.
        hidden_states: the embeddings' output and every block's, of an encoder-decoder the encoder's first; of a family
            of ftcore's own 0 at padding.
        pooled: the pooled vector that the head reads.
        likelihood: how probable each sequence's labels are, of a network with a TokenHead; logits over a vocabulary are
            large, and stay on the device for it.
    """

    logits: bool = True
    loss: bool = False
    hidden_states: bool = False
    pooled: bool = False
    likelihood: bool = False


@dataclass(frozen=True)
class Likelihood:
    """How probable the labels of each sequence of a batch are, in the batch's order, packed or not.

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
    """Outputs of `forward`; what was not wanted is None.

    Attributes:
        logits: float [examples, outputs]; with a TokenHead [rows, length, outputs]; of a head that gives vectors
            [sequences, hidden].
        loss: sum of weighted losses over the batch.
        hidden_states: blocks + 1 arrays, float [sequences, length, hidden]; of images [examples, channels, height,
            width].
        pooled: float [sequences, hidden].
        likelihood: of the labels of each sequence.
    """

    logits: np.ndarray | None = None
    loss: float | None = None
    hidden_states: Sequence[np.ndarray] | None = None
    pooled: np.ndarray | None = None
    likelihood: Likelihood | None = None

"""The feed-forward part of a block, and the convolution over embeddings."""

from dataclasses import dataclass

from ftcore.contract.network.activation import Activation


@dataclass(frozen=True)
class FeedForward:
    """Two linear maps with an activation between.

    Attributes:
        intermediate: channels between the maps.
        activation: its function.
        gated: whether what is activated multiplies another map of the input (Shazeer 2020).
        joint: whether one stored map gives both, what is activated first.
        biases: the linear maps that have one: "inner", "gate", "outer".
    """

    intermediate: int
    activation: Activation
    gated: bool = False
    joint: bool = False
    biases: frozenset[str] = frozenset({"inner", "outer"})


@dataclass(frozen=True)
class EmbeddingConvolution:
    """A convolution over the embeddings, whose activation is added to what the first block gives, then normalized.

    Attributes:
        width: how many tokens, an odd number, it reads for each; the token is the middle one.
        activation: its function.
    """

    width: int
    activation: Activation

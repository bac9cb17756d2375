"""Describes the feed-forward part of a block, and the convolution over embeddings."""

from dataclasses import dataclass

from ftcore.contract.network.activation import Activation


@dataclass(frozen=True)
class FeedForward:
    """Two linear maps with an activation between.

    Attributes:
        intermediate: number of channels between the maps.
        activation: activation function.
        gated: whether the activated map is multiplied by another map of the input (Shazeer 2020).
        joint: whether both are stored as one map, the activated one first.
        biases: the linear maps that have a bias: "inner", "gate", "outer".
    """

    intermediate: int
    activation: Activation
    gated: bool = False
    joint: bool = False
    biases: frozenset[str] = frozenset({"inner", "outer"})


@dataclass(frozen=True)
class EmbeddingConvolution:
    """A convolution over the embeddings; its activation is added to the first block's output, then normalized.

    Attributes:
        width: odd number of tokens in each window; the output token is the middle one.
        activation: activation function.
    """

    width: int
    activation: Activation

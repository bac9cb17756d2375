"""Heads: from hidden states to logits or vectors."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from ftcore.contract.network.activation import Activation
from ftcore.contract.network.norm import Norm
from ftcore.contract.network.parameter import Parameter

Pooling = Literal["pooler", "cls", "mean", "max", "last"]
PairFeatures = Literal["single", "concat_difference_product"]
ONE_TOKEN: frozenset[Pooling | None] = frozenset({"cls", "last"})
"""The poolings that read one token of a sequence: the last block need not compute the others."""
HEAD_DROPOUT, POOLER_DROPOUT = "head", "pooler"
"""The places of the dropout before the classifier, and before the pooler's linear map."""
SHORTEST = 1e-12
"""The least length that a vector is divided by when it is normalized."""


@dataclass(frozen=True)
class Dense:
    """A linear map of a head, followed by an activation.

    Attributes:
        path: canonical prefix of its parameters, "pooler" or "classifier".
        activation: None for none.
    """

    path: str
    activation: Activation | None = None


@dataclass(frozen=True)
class Head:
    """From hidden states to logits: pool each sequence, combine the sequences of a pair, dropout, classify.

    Attributes:
        outputs: number of logits; 0 for a network that stops at the pooled vector.
        pooling: "pooler" is the family's own (BERT: dense and tanh on the first token), the others
            read the hidden states of the real tokens: first, mean, max, last.
        pooler: the dense layer of pooling "pooler"; None where that has none, and of another pooling.
        pooler_reads: the pooling whose vector it is given.
        pooler_norm: of what it gives, or None.
        pooler_dropout: rate before the pooler.
        normalize: whether a pooled vector is divided by its Euclidean length, as `Outputs.pooled` then gives it.
        pair: "concat_difference_product" joins the two pooled sequences u, v of an example
            to [u, v, abs(u - v), u * v] (InferSent, Conneau et al. 2017).
        classifier: the last linear map, or None where outputs is 0.
        dropout: rate before the classifier.
        parameters: every parameter of the head.
        vectors: whether the pooled vectors, one a sequence, stand in place of logits; there is no classifier then, and
            `pair` says no more than that an example has several sequences.
    """

    outputs: int
    pooling: Pooling | None
    pooler: Dense | None
    pair: PairFeatures
    classifier: Dense | None
    dropout: float
    parameters: tuple[Parameter, ...]
    normalize: bool = False
    pooler_dropout: float = 0.0
    pooler_reads: Pooling = "cls"
    pooler_norm: Norm | None = None
    vectors: bool = False

    @property
    def pooled_states(self) -> Pooling | None:
        """How the hidden states of a sequence become one vector."""
        return self.pooler_reads if self.pooling == "pooler" else self.pooling


@dataclass(frozen=True)
class TokenHead:
    """From the hidden state of every position to logits: a language model's, or a classifier of tokens.

    Attributes:
        outputs: number of logits of a position.
        classifier: the last linear map.
        tied: whether the last linear map's weight is the token table, so that it has no parameter of its own.
        transform: a dense layer before the last linear map, or None.
        norm: of what the transform gives.
        scale: what the last linear map's input is multiplied by.
        cap: logits are cap * tanh(logit / cap); None for no bound.
        parameters: every parameter of the head.
        buffers: what is saved beside the parameters.
        of_task: whether it is a task's, and so drawn where a checkpoint has none; a language model's belongs to the
            pretrained model.
        dropout: rate before the last linear map of a task's head.
    """

    outputs: int
    classifier: Dense
    tied: bool
    parameters: tuple[Parameter, ...]
    transform: Dense | None = None
    norm: Norm | None = None
    scale: float = 1.0
    cap: float | None = None
    buffers: tuple[Parameter, ...] = ()
    of_task: bool = False
    dropout: float = 0.0

    # What a head of sequences has, and this one has not.
    pooling: ClassVar[None] = None
    pooled_states: ClassVar[None] = None
    pooler: ClassVar[None] = None
    pair: ClassVar[PairFeatures] = "single"
    normalize: ClassVar[bool] = False
    vectors: ClassVar[bool] = False

"""Describes heads, which map hidden states to logits or vectors."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from ftcore.contract.network.activation import Activation
from ftcore.contract.network.norm import Norm
from ftcore.contract.network.parameter import Parameter

Pooling = Literal["pooler", "cls", "mean", "max", "last"]
PairFeatures = Literal["single", "concat_difference_product"]
ONE_TOKEN: frozenset[Pooling | None] = frozenset({"cls", "last"})
"""Poolings that read one token of a sequence, so that the last block can skip the others."""
HEAD_DROPOUT, POOLER_DROPOUT = "head", "pooler"
"""Dropout sites before the classifier and before the pooler's linear map."""
SHORTEST = 1e-12
"""Lower bound of the length by which a vector is divided when it is normalized."""


@dataclass(frozen=True)
class Dense:
    """A linear map of a head, followed by an activation.

    Attributes:
        path: canonical prefix of its parameters: "pooler" or "classifier".
        activation: None for none.
    """

    path: str
    activation: Activation | None = None


@dataclass(frozen=True)
class Head:
    """Maps hidden states to logits: pool each sequence, combine the sequences of a pair, dropout, classify.

    Attributes:
        outputs: number of logits; 0 for a network that stops at the pooled vector.
        pooling: "pooler" is the family's own (BERT: dense and tanh on the first token); the others
            read the hidden states without padding: first, mean, max, last.
        pooler: the dense layer of the pooling "pooler"; None if there is none.
        pooler_reads: the pooling whose vector is the pooler's input.
        pooler_norm: norm of the pooler's output, or None.
        pooler_dropout: dropout rate before the pooler.
        normalize: whether pooled vectors, including `Outputs.pooled`, are divided by their Euclidean length.
        pair: "concat_difference_product" joins the two pooled sequences u, v of an example
            to [u, v, abs(u - v), u * v] (InferSent, Conneau et al. 2017).
        classifier: the last linear map, or None if outputs is 0.
        dropout: dropout rate before the classifier.
        parameters: every parameter of the head.
        vectors: whether the pooled vectors, one for each sequence, replace the logits; then there is no classifier,
            and `pair` only means that an example has several sequences.
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
        """Pooling of the hidden states of a sequence to one vector."""
        return self.pooler_reads if self.pooling == "pooler" else self.pooling


@dataclass(frozen=True)
class TokenHead:
    """Maps the hidden state of every position to logits: a language model's head, or a classifier of tokens.

    Attributes:
        outputs: number of logits at each position.
        classifier: the last linear map.
        tied: whether the last linear map's weight is the token table, so that the map has no parameter of its own.
        transform: a dense layer before the last linear map, or None.
        norm: norm of the transform's output.
        scale: factor of the last linear map's input.
        cap: logits are cap * tanh(logit / cap); None for no bound.
        parameters: every parameter of the head.
        buffers: what is saved beside the parameters.
        of_task: whether it is a task's head, which is drawn anew if a checkpoint has none; a language model's head
            is part of the pretrained model.
        dropout: dropout rate before the last linear map of a task's head.
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

    # Attributes of a head of sequences, which a token head does not have.
    pooling: ClassVar[None] = None
    pooled_states: ClassVar[None] = None
    pooler: ClassVar[None] = None
    pair: ClassVar[PairFeatures] = "single"
    normalize: ClassVar[bool] = False
    vectors: ClassVar[bool] = False

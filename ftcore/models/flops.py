"""What a training step of a network costs in floating-point operations.

Counted are the matrix products on real tokens, a multiplication and an addition as two: per token and linear map
2 * weights, per token and block 4 * length * hidden for attention, each example with its own length; the head once a
sequence, or once a token where it gives logits for each; the backward pass costs twice the forward. Embedding lookups,
norms, activations and softmax cost nothing. What the result does not need is not counted: where the head reads one
token a sequence, the last block's other tokens give their keys and values alone.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ftcore.models.lean import TABLE_PATH
from ftcore.models.network import (
    ONE_TOKEN,
    Architecture,
    EncoderDecoder,
    Features,
    Network,
    Parameter,
    TokenHead,
    Transformer,
)

FORWARD_AND_BACKWARD = 3
StepFlops = Callable[[np.ndarray], float]
"""Lengths, int [sequences], to the floating-point operations of a training step on them."""


@dataclass(frozen=True)
class NetworkFlops:
    """A network's cost, forward and backward; every parameter is trained.

    Attributes:
        a_token: of the linear maps, and of one query for it in the last block where the head reads one token.
        a_token_pair: of attention, for every pair of tokens of one sequence.
        a_sequence: of the head, and of what goes through the last block alone.
    """

    a_token: float
    a_token_pair: float
    a_sequence: float

    def __call__(self, lengths: np.ndarray) -> float:
        """Return the operations of a step on sequences of these lengths, int [sequences]."""
        tokens = np.asarray(lengths, dtype=np.float64)
        pairs = float(np.sum(tokens**2))
        return self.a_token * float(tokens.sum()) + self.a_token_pair * pairs + self.a_sequence * len(tokens)


def step_flops(network: Network, sequences_an_example: int = 1) -> NetworkFlops:
    """Return what a training step of a network costs.

    Args:
        network: with all parameters trained.
        sequences_an_example: 2 where the two texts of an example are encoded separately.

    Raises:
        TypeError: it is an encoder-decoder, whose cost depends on the lengths of two texts.
    """
    body, head = network.architecture.body, network.head
    if isinstance(body, EncoderDecoder):
        raise TypeError("the cost of an encoder-decoder depends on the lengths of two texts")
    every, read, pairs = _products(network.architecture.parameters), 0.0, 0.0
    if isinstance(body, Transformer):
        attention = 4.0 * body.attention.heads * body.attention.channels
        pairs = attention * body.blocks
        if head.pooling in ONE_TOKEN and body.reads_alone:
            read = _products(_read_alone(network.architecture.parameters, body.blocks - 1))
            every, pairs = every - read + attention, pairs - attention
    if isinstance(head, TokenHead):
        every += _of_every_token(network.architecture, head)
        return NetworkFlops(FORWARD_AND_BACKWARD * every, FORWARD_AND_BACKWARD * pairs, 0.0)
    pooler = 0.0 if head.pooler is None else _products(_under(head.parameters, head.pooler.path))
    classifier = 0.0 if head.classifier is None else _products(_under(head.parameters, head.classifier.path))
    return NetworkFlops(
        a_token=FORWARD_AND_BACKWARD * every,
        a_token_pair=FORWARD_AND_BACKWARD * pairs,
        a_sequence=FORWARD_AND_BACKWARD * (read + pooler + classifier / sequences_an_example),
    )


def matmul_shapes(network: Network, tokens: int) -> list[tuple[int, int, int]]:
    """Return the model's large matrix products as (rows, inner, columns) for a step of so many tokens."""
    body = network.architecture.body
    if isinstance(body, EncoderDecoder):
        body = body.decoder
    if isinstance(body, Features):
        return [(tokens, body.size, network.head.outputs)]
    return [
        (tokens, body.hidden, body.feed_forward.intermediate),
        (tokens, body.feed_forward.intermediate, body.hidden),
        (tokens, body.hidden, body.hidden),
    ]


def _of_every_token(architecture: Architecture, head: TokenHead) -> float:
    """Return the cost of a language model's head: of its own maps, and of the token table where it is tied."""
    table = next(one for one in architecture.parameters if one.path == TABLE_PATH)
    return _products(head.parameters) + (2.0 * math.prod(table.shape) if head.tied else 0.0)


def _read_alone(parameters: tuple[Parameter, ...], last: int) -> tuple[Parameter, ...]:
    """Return the parameters of the last block but for those of its keys and values."""
    path = f"blocks.{last}"
    others = (f"{path}.attention.key.", f"{path}.attention.value.")
    return tuple(one for one in _under(parameters, path) if not one.path.startswith(others))


def _under(parameters: tuple[Parameter, ...], path: str) -> tuple[Parameter, ...]:
    return tuple(parameter for parameter in parameters if parameter.path.startswith(f"{path}."))


def _products(parameters: tuple[Parameter, ...]) -> float:
    return float(sum(2 * math.prod(parameter.shape) for parameter in parameters if parameter.role == "weight"))

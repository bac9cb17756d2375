"""Counts the floating-point operations of a training step.

The count is of matrix products on real tokens, where a multiplication and an addition are two operations: 2 * weights
per token and linear map; 4 * length * hidden per token and block for attention, with each example's own length; the
head once per sequence, or once per token if it has logits for each. The backward pass costs twice the forward.
Embedding lookups, norms, activations and softmax are not counted, nor are the linear maps of relative positions, which
a batch needs once; scores of contents with positions cost as much per pair of tokens as scores of contents.
Operations that the result does not need are not counted: if the head reads one token per sequence, the other tokens of
the last block need only their keys and values. A filter over text costs 2 * weights per window, of which a text has
slightly fewer than tokens; a filter over images, 2 * weights per position.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ftcore.contract.network import (
    GATES,
    ONE_TOKEN,
    Architecture,
    EncoderDecoder,
    Features,
    ImageConvolution,
    NativeBody,
    Network,
    Parameter,
    Recurrent,
    ResidualConvolution,
    TextConvolution,
    TokenHead,
    Transformer,
)

FORWARD_AND_BACKWARD = 3
StepFlops = Callable[[np.ndarray], float]
"""Maps lengths, int [sequences], to the floating-point operations of a training step on them.

The lengths of an encoder-decoder are int [examples, 2]: source and target.
"""


@dataclass(frozen=True)
class NetworkFlops:
    """The cost of a network, forward and backward, if every parameter is trained.

    Attributes:
        a_token: cost per token: of the linear maps, and of one query to it in the last block if the head reads one
            token.
        a_token_pair: cost of attention for every pair of tokens in a sequence.
        a_sequence: cost per sequence: of the head, and of a single token in the last block; for an image, everything.
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
    """Return the cost of a training step of a network.

    Args:
        network: the network, with all parameters trained.
        sequences_an_example: 2 if the two texts of an example are encoded separately.

    Raises:
        TypeError: it is an encoder-decoder, whose cost depends on the lengths of two texts.
    """
    body, head = _counted(network), network.head
    if isinstance(body, EncoderDecoder):
        raise TypeError("the cost of an encoder-decoder depends on the lengths of two texts")
    every, read, pairs = products(network.architecture.parameters), 0.0, 0.0
    if isinstance(body, Transformer):
        # Blocks that are applied several times are stored once, and all have the same size.
        again = len(body.applied) / body.blocks - 1.0
        every += again * products(_under(network.architecture.parameters, "blocks"))
        attention = (4.0 + 2.0 * _position_terms(body)) * body.attention.heads * body.attention.channels
        pairs = attention * len(body.applied)
        if head.pooled_states in ONE_TOKEN and body.reads_alone:
            read = products(_read_alone(network.architecture.parameters, body.blocks - 1))
            every, pairs = every - read + attention, pairs - attention
        if body.patches is not None:
            # The learned tokens do not come from the map of patches.
            read -= len(body.patches.leading) * products(_under(network.architecture.parameters, "embeddings"))
    elif isinstance(body, TextConvolution):
        read = -2.0 * body.embedding * body.channels * sum(width * (width - 1) for width in body.widths)
    elif isinstance(body, ImageConvolution):
        every, read = 0.0, float(sum(2 * math.prod(shape) for shape in _image_products(body)))
    if isinstance(head, TokenHead):
        every += _of_every_token(network.architecture, head)
        return NetworkFlops(FORWARD_AND_BACKWARD * every, FORWARD_AND_BACKWARD * pairs, 0.0)
    pooler = 0.0 if head.pooler is None else products(_under(head.parameters, head.pooler.path))
    classifier = 0.0 if head.classifier is None else products(_under(head.parameters, head.classifier.path))
    return NetworkFlops(
        a_token=FORWARD_AND_BACKWARD * every,
        a_token_pair=FORWARD_AND_BACKWARD * pairs,
        a_sequence=FORWARD_AND_BACKWARD * (read + pooler + classifier / sequences_an_example),
    )


def matmul_shapes(network: Network, tokens: int) -> list[tuple[int, int, int]]:
    """Return the model's large matrix products as (rows, inner, columns) for a step of this number of tokens."""
    body = _counted(network)
    if isinstance(body, EncoderDecoder):
        body = body.decoder
    if isinstance(body, Features):
        return [(tokens, body.size, network.head.outputs)]
    if isinstance(body, Recurrent):
        return [(tokens, inputs, GATES[body.cell] * body.hidden) for inputs in (body.inputs, body.size, body.hidden)]
    if isinstance(body, TextConvolution):
        return [(tokens, width * body.embedding, body.channels) for width in body.widths]
    if isinstance(body, ImageConvolution):
        return _image_products(body)
    return [
        (tokens, body.hidden, body.feed_forward.intermediate),
        (tokens, body.feed_forward.intermediate, body.hidden),
        (tokens, body.hidden, body.hidden),
    ]


def _counted(network: Network) -> Transformer | EncoderDecoder | NativeBody:
    body = network.architecture.body
    if isinstance(body, ResidualConvolution):
        raise TypeError("the cost of a residual network depends on the size of its images, which is unknown")
    return body


def _image_products(body: ImageConvolution) -> list[tuple[int, int, int]]:
    """Return each block's product for one image: positions, inputs of a window, outputs."""
    inputs = (body.channels, *body.blocks[:-1])
    return [
        ((body.height >> block) * (body.width >> block), 9 * inputs[block], outputs)
        for block, outputs in enumerate(body.blocks)
    ]


def _of_every_token(architecture: Architecture, head: TokenHead) -> float:
    """Return the cost of a language model's head: of its own maps, and of the token table if that is tied."""
    table = architecture.token_table
    return products(head.parameters) + (2.0 * math.prod(table.shape) if head.tied and table is not None else 0.0)


def _read_alone(parameters: tuple[Parameter, ...], last: int) -> tuple[Parameter, ...]:
    """Return the parameters of the last block except those of its keys and values."""
    path = f"blocks.{last}"
    others = (f"{path}.attention.key.", f"{path}.attention.value.")
    return tuple(one for one in _under(parameters, path) if not one.path.startswith(others))


def _position_terms(body: Transformer) -> int:
    return 0 if body.attention.disentangled is None else len(body.attention.disentangled.terms)


def _under(parameters: tuple[Parameter, ...], path: str) -> tuple[Parameter, ...]:
    return tuple(parameter for parameter in parameters if parameter.path.startswith(f"{path}."))


def products(parameters: Iterable[Parameter]) -> float:
    """Return the cost per token of the linear maps among parameters: 2 * weights, without relative positions."""
    weights = (one for one in parameters if one.role == "weight" and ".attention.position_" not in one.path)
    return float(sum(2 * math.prod(one.shape) for one in weights))

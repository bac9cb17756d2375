"""Counts the floating-point operations of a training step of an encoder-decoder, as `ftcore.models.flops` does.

The encoder's maps, and the decoder's keys and values of its output, are counted for every token of the source;
everything else, including the head, for every token of the target. Attention is counted for every pair of tokens
within the source, within the target, and between them.
"""

from dataclasses import dataclass

import numpy as np

from ftcore.contract.network import DECODER, Architecture, EncoderDecoder, Network, Parameter, TokenHead, Transformer
from ftcore.models.flops import FORWARD_AND_BACKWARD, products

OF_SOURCE = (".cross_attention.key.", ".cross_attention.value.")
"""Parts of the paths of a decoder's maps of the encoder's output."""


@dataclass(frozen=True)
class PairFlops:
    """The cost of an encoder-decoder, forward and backward, if every parameter is trained.

    Attributes:
        a_source_token, a_target_token: cost of the linear maps per token.
        a_source_pair, a_target_pair, a_cross_pair: cost of attention per pair of tokens in an example.
    """

    a_source_token: float
    a_target_token: float
    a_source_pair: float
    a_target_pair: float
    a_cross_pair: float

    def __call__(self, lengths: np.ndarray) -> float:
        """Return the operations of a step on examples of these lengths, int [examples, 2]: source and target."""
        source, target = np.asarray(lengths, dtype=np.float64).T
        return float(
            self.a_source_token * source.sum()
            + self.a_target_token * target.sum()
            + self.a_source_pair * np.sum(source**2)
            + self.a_target_pair * np.sum(target**2)
            + self.a_cross_pair * np.sum(source * target)
        )


def pair_flops(network: Network) -> PairFlops:
    """Return the cost of a training step of an encoder-decoder.

    Args:
        network: the network, with all parameters trained.

    Raises:
        TypeError: it is not an encoder-decoder with a language model's head.
    """
    body, head = network.architecture.body, network.head
    if not isinstance(body, EncoderDecoder) or not isinstance(head, TokenHead):
        raise TypeError("the network is not an encoder-decoder with a head for tokens")
    of_target = [one for one in network.architecture.parameters if _is_of_target(one)]
    of_source = [one for one in network.architecture.parameters if not _is_of_target(one)]
    cross = 0.0 if body.decoder.cross_attention is None else _attention(body.decoder)
    return PairFlops(
        a_source_token=FORWARD_AND_BACKWARD * products(of_source),
        a_target_token=FORWARD_AND_BACKWARD * (products(of_target) + _of_head(network.architecture, head)),
        a_source_pair=FORWARD_AND_BACKWARD * _attention(body.encoder),
        a_target_pair=FORWARD_AND_BACKWARD * _attention(body.decoder),
        a_cross_pair=FORWARD_AND_BACKWARD * cross,
    )


def _is_of_target(parameter: Parameter) -> bool:
    return parameter.path.startswith(DECODER) and not any(part in parameter.path for part in OF_SOURCE)


def _attention(part: Transformer) -> float:
    """Return the cost of a pair of tokens in all blocks: its score, and its term of the weighted sum."""
    return 4.0 * part.attention.heads * part.attention.channels * part.blocks


def _of_head(architecture: Architecture, head: TokenHead) -> float:
    """Return the cost per token of the target: of the head's own maps, and of the token table if that is tied."""
    table = architecture.token_tables[-1]
    return products(head.parameters) + (2.0 * float(np.prod(table.shape)) if head.tied else 0.0)

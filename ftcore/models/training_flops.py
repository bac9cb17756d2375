"""Counts the floating-point operations of a training step of any network."""

import numpy as np

from ftcore.contract.network import EncoderDecoder, Network, ResidualConvolution
from ftcore.models.flops import StepFlops, step_flops
from ftcore.models.pair_flops import pair_flops


def training_flops(network: Network) -> StepFlops | None:
    """Return a function that counts a training step from the lengths of its sequences, int [sequences].

    An encoder-decoder has two lengths per example, int [examples, 2]. Return None for a residual network, whose cost
    depends on the size of its images.
    """
    body = network.architecture.body
    if isinstance(body, ResidualConvolution):
        return None
    if isinstance(body, EncoderDecoder):
        return pair_flops(network)
    counted = step_flops(network, 1 if network.head.pair == "single" else 2)
    if not network.image_tokens:
        return counted
    return lambda lengths: counted(np.full(len(lengths), network.image_tokens))

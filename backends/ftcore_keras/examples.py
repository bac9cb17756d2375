"""A batch on the device."""

from typing import NamedTuple

from ftcore_keras.layers.functions import Tensor

Tensors = dict[str, Tensor]


class Examples(NamedTuple):
    """A batch on the device.

    Attributes:
        inputs, targets: by name, as in ftcore.contract.Batch.
        weights: float32 [examples], or [rows, length] of positions.
        draws: what the random draws of training are a function of; empty where there is no training.
    """

    inputs: Tensors
    targets: Tensors
    weights: Tensor
    draws: Tensors

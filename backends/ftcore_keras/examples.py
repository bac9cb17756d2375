"""Holds a batch on the device."""

from typing import NamedTuple

from ftcore_keras.layers.functions import Tensor

Tensors = dict[str, Tensor]


class Examples(NamedTuple):
    """A batch on the device.

    Attributes:
        inputs, targets: by name, as in ftcore.contract.Batch.
        weights: float32 [examples], or [rows, length] for positions.
        draws: keys of the random draws of training; empty outside training.
    """

    inputs: Tensors
    targets: Tensors
    weights: Tensor
    draws: Tensors

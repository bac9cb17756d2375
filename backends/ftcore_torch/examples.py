"""Holds a batch on the device."""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor


class Examples(NamedTuple):
    """A batch on the device.

    Attributes:
        inputs, targets: by name, as in ftcore.contract.Batch.
        weights: float [examples], or [rows, length] for positions.
    """

    inputs: Mapping[str, Tensor]
    targets: Mapping[str, Tensor]
    weights: Tensor

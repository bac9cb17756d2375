"""Activations by the names of the core."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ftcore.contract.network import Activation

ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "gelu": nn.functional.gelu,
    "gelu_tanh": lambda values: nn.functional.gelu(values, approximate="tanh"),
    "relu": nn.functional.relu,
    "silu": nn.functional.silu,
    "tanh": torch.tanh,
}
"""An activation of ftcore.contract.network by its name."""

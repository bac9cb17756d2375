"""Maps the core's names of activations to functions."""

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
"""Activation functions by their names in ftcore.contract.network."""

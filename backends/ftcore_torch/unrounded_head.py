"""Computes a language model's head in the type of its parameters, without rounding as in the body."""

from typing import Any

import torch
from torch import Tensor, nn

from ftcore.contract.network import TokenHead
from ftcore_torch.linear import Linear


def keep_head_unrounded(model: Any, head: TokenHead, linear: Linear) -> None:
    """Make the head's linear maps compute without autocast.

    Args:
        model: transformers' model with the head.
        head: description of the head.
        linear: function that computes linear maps.
    """
    own = {parameter.name.rpartition(".")[0] for parameter in head.parameters if parameter.role == "weight"}
    modules = {model.get_submodule(name) for name in own} | {model.get_output_embeddings()}
    for module in modules:
        module.forward = _unrounded(module, linear)


def _unrounded(module: nn.Linear, linear: Linear) -> Any:
    def forward(values: Tensor) -> Tensor:
        with torch.autocast(values.device.type, enabled=False):
            return linear(values.to(module.weight.dtype), module.weight, module.bias)

    return forward

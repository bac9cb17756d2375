"""Computes in float64 what transformers computes in float32 for any type of model, such as norms and rotary angles."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ftcore.contract.network import Rotary

FREQUENCIES = "inv_freq"
"""How the names of transformers' tables of frequencies end."""
ROUNDING = 1e-5
"""The largest relative difference of frequencies that are the same but for rounding."""


def keep_float64_whole(model: nn.Module, rotaries: Iterable[Rotary]) -> None:
    """Make a transformers model of float64 parameters compute everything in float64, without a cast to float32.

    Args:
        model: transformers' model.
        rotaries: the described rotary positions; their frequencies replace transformers', whose last bit may differ.
    """
    for name, table in model.named_buffers():
        if name.endswith(FREQUENCIES):
            _replace(table, rotaries)
    forward: Callable[..., Any] = model.forward

    @wraps(forward)
    def whole(*arguments: Any, **named: Any) -> Any:
        with _NoCastOfFloat64():
            return forward(*arguments, **named)

    model.forward = whole


def _replace(table: Tensor, rotaries: Iterable[Rotary]) -> None:
    for rotary in rotaries:
        described = torch.tensor(rotary.frequencies, dtype=table.dtype)
        if described.shape == table.shape and torch.allclose(described, table, rtol=ROUNDING, atol=0.0):
            table.copy_(described)


class _NoCastOfFloat64(TorchFunctionMode):
    """Leaves float64 tensors as they are where they would be cast to float32."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        named = dict(kwargs or {})
        if args and isinstance(args[0], Tensor) and args[0].dtype == torch.float64:
            if func is Tensor.float:
                return args[0]
            args, named = tuple(map(_wider, args)), {name: _wider(value) for name, value in named.items()}
        return func(*args, **named)


def _wider(value: Any) -> Any:
    return torch.float64 if value is torch.float32 else value

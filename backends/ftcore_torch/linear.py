"""Computes float32 linear maps on a CPU by oneDNN.

PyTorch multiplies float32 matrices by MKL, which uses half the vector width (AVX2 instead of AVX-512) of processors of
other vendors than Intel. oneDNN, which PyTorch includes and TensorFlow uses, detects what the processor supports.
`matrix_products` decides which of the two a network uses.
"""

import platform
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

X86 = ("x86_64", "AMD64")
"""Values of `platform.machine` for the processors on which oneDNN was measured."""
Linear = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""Maps values [..., inputs], weight [outputs, inputs] and bias [outputs] or None to values [..., outputs]."""


@cache
def has_onednn() -> bool:
    """Return whether this PyTorch has oneDNN's linear map, and the processor is known to be fast with it."""
    return platform.machine() in X86 and torch._C._has_mkldnn and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def linear(values: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return values [..., inputs] times the transpose of weight [outputs, inputs], plus bias [outputs]."""
    # A compiled network uses the compiler's own products, and never calls this in training.
    if torch.compiler.is_compiling() or not _takes(values, weight):
        return nn.functional.linear(values, weight, bias)
    found: Tensor = _Linear.apply(values, weight, bias)  # type: ignore[no-untyped-call]
    return found


def replace_linear_maps(root: nn.Module) -> None:
    """Make the linear maps of a model use `linear`, except maps that another adaptation changed."""
    from transformers.pytorch_utils import Conv1D

    for module in root.modules():
        if "forward" in vars(module):
            continue
        if type(module) is nn.Linear:
            module.forward = _forward(module)  # type: ignore[method-assign]
        elif type(module) is Conv1D:
            module.forward = _transposed_forward(module)  # type: ignore[method-assign]


def _forward(module: nn.Linear) -> Any:
    return lambda values: linear(values, module.weight, module.bias)


def _transposed_forward(module: Any) -> Any:
    return lambda values: linear(values, module.weight.t(), module.bias)


def _takes(values: Tensor, weight: Tensor) -> bool:
    of_float32 = all(one.dtype == torch.float32 and one.device.type == "cpu" for one in (values, weight))
    return of_float32 and values.numel() > 0 and has_onednn() and not torch.is_autocast_enabled("cpu")


def _product(left: Tensor, right: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return left [rows, inner] times the transpose of right [columns, inner], plus bias [columns]."""
    found: Tensor = torch.ops.mkldnn._linear_pointwise(left, right, bias, "none", [], "")
    return found


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, values: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        needs_values, needs_weight, _ = context.needs_input_grad
        context.save_for_backward(values if needs_weight else None, weight if needs_values else None)
        context.shape = values.shape
        return _product(values.reshape(-1, values.shape[-1]), weight, bias).view(*values.shape[:-1], len(weight))

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        values, weight = context.saved_tensors
        needs_values, needs_weight, needs_bias = context.needs_input_grad
        rows = gradient.reshape(-1, gradient.shape[-1])
        of_values = _product(rows, weight.t()).view(context.shape) if needs_values else None
        of_weight = _product(rows.t(), values.reshape(len(rows), -1).t()) if needs_weight else None
        return of_values, of_weight, rows.sum(0) if needs_bias else None

"""The spec's precision: the type of parameters, and the type that the operands of products are rounded to."""

from contextlib import AbstractContextManager, nullcontext

import torch

PARAMETERS = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.float32}
"""Precision to the type of parameters, optimizer state, residual sums, norms, softmax, head and loss."""


def products(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """Return the context in which a body runs: with bfloat16, linear maps and attention products have such operands."""
    if precision != "bfloat16":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)

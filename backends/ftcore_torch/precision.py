"""The spec's precision: the type of parameters, and the type that the operands of products are rounded to."""

from contextlib import AbstractContextManager, nullcontext

import torch

ROUNDED = {"bfloat16": torch.bfloat16, "float16": torch.float16}
"""Precision to the type that the operands of products are rounded to, where that is not the parameters' own."""
PARAMETERS = {"float32": torch.float32, "float64": torch.float64, **dict.fromkeys(ROUNDED, torch.float32)}
"""Precision to the type of parameters, optimizer state, residual sums, norms, softmax, head and loss."""


def products(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """Return the context in which a body runs: linear maps and attention products have rounded operands."""
    if precision not in ROUNDED:
        return nullcontext()
    return torch.autocast(device.type, dtype=ROUNDED[precision])

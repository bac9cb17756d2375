"""Maps the spec's precision to the type of parameters and the type of the operands of products."""

from contextlib import AbstractContextManager, nullcontext

import torch

ROUNDED = {"bfloat16": torch.bfloat16, "float16": torch.float16}
"""Types to which the operands of products are rounded, by precision, if they differ from the parameters'."""
PARAMETERS = {"float32": torch.float32, "float64": torch.float64, **dict.fromkeys(ROUNDED, torch.float32)}
"""Types of parameters, optimizer state, residual sums, norms, softmax, head and loss, by precision."""


def products(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """Return the context in which a body runs, where linear maps and attention products round their operands."""
    if precision not in ROUNDED:
        return nullcontext()
    return torch.autocast(device.type, dtype=ROUNDED[precision])

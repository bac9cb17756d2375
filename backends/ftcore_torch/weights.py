"""Loads a file of tensors into a user's own torch.nn.Module."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ftcore.contract.weights import Checkpoint, check_fit
from ftcore.errors import ModelError
from ftcore_torch.tensors import load_into


def load_weights(module: nn.Module, path: Path) -> tuple[str, ...]:
    """Replace every parameter and persistent buffer; nothing changes if the file does not fit.

    Raises:
        ModelError: the file has another format, or a tensor is missing, unexpected, or has another shape or kind.
    """
    state = {name: value for name, value in module.state_dict().items() if isinstance(value, Tensor)}
    checkpoint = Checkpoint.open(path, state.keys())
    check_fit(checkpoint, {name: tuple(value.shape) for name, value in state.items()})
    load_into(state, {name: _read(checkpoint, name, value) for name, value in state.items()})
    return checkpoint.notes


def _read(checkpoint: Checkpoint, name: str, value: Tensor) -> np.ndarray:
    if value.is_floating_point():
        return checkpoint.read(name)
    array = checkpoint.read_stored(name)
    stored = torch.from_numpy(array).dtype
    if stored != value.dtype:
        raise ModelError(f"{checkpoint.path}: tensor {name!r} is {stored}, and the module's is {value.dtype}")
    return array

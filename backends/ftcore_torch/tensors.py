"""Converts between tensors and NumPy arrays by checkpoint name."""

from collections.abc import Mapping

import ml_dtypes
import numpy as np
import torch
from torch import Tensor, nn

from ftcore.errors import ModelError


def copy_out(tensors: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Return copies as arrays, each in its own shape and type; bfloat16 uses ml_dtypes."""
    return {name: _to_array(value.detach().cpu()) for name, value in tensors.items()}


def load_into(tensors: Mapping[str, Tensor], arrays: Mapping[str, np.ndarray]) -> None:
    """Copy arrays into tensors of the same names, each of the same shape, exactly once.

    Raises:
        ModelError: a name is missing or unexpected, or a shape differs.
    """
    missing, unexpected = sorted(set(tensors) - set(arrays)), sorted(set(arrays) - set(tensors))
    if missing or unexpected:
        raise ModelError(f"the tensors do not fit the network: missing {missing}, unexpected {unexpected}")
    with torch.no_grad():
        for name, value in tensors.items():
            array = arrays[name]
            if tuple(array.shape) != tuple(value.shape):
                raise ModelError(f"{name} has shape {list(array.shape)}, the network needs {list(value.shape)}")
            value.copy_(_to_tensor(array))


def trained(parameters: Mapping[str, nn.Parameter], names: frozenset[str] | None) -> dict[str, nn.Parameter]:
    """Return the trained parameters, and disable gradients of the others; None keeps the user's choice."""
    if names is None:
        return {name: value for name, value in parameters.items() if value.requires_grad}
    if unknown := sorted(names - set(parameters)):
        raise ModelError(f"there are no parameters of these names to train: {', '.join(unknown)}")
    for name, value in parameters.items():
        value.requires_grad_(name in names)
    return {name: value for name, value in parameters.items() if name in names}


def _to_array(tensor: Tensor) -> np.ndarray:
    if tensor.dtype == torch.bfloat16:
        array: np.ndarray = tensor.view(torch.uint16).numpy().view(ml_dtypes.bfloat16)
        return array.copy()
    array = tensor.numpy().copy()
    return array


def _to_tensor(array: np.ndarray) -> Tensor:
    if array.dtype == ml_dtypes.bfloat16:
        return torch.from_numpy(np.array(array, order="C").view(np.uint16)).view(torch.bfloat16)
    return torch.from_numpy(np.array(array, order="C"))

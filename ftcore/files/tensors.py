"""Writes and reads safetensors files."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ftcore.errors import RunError


def save_tensors(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """Write arrays of any shapes by name, in row-major order whatever their memory layout."""
    from safetensors.numpy import save_file

    # safetensors writes the memory as it is: a transposed view would silently be stored wrong.
    save_file({name: np.asarray(array, order="C") for name, array in tensors.items()}, path, metadata={"format": "pt"})


def load_tensors(path: Path) -> dict[str, np.ndarray]:
    """Read every array of a file by name, each of its own shape."""
    from safetensors.numpy import load_file

    return load_file(path)


def check_no_nan(where: str, tensors: Mapping[str, np.ndarray]) -> None:
    """Check that no tensor, of any shape, has a NaN; a module's own buffers may be infinite.

    Raises:
        RunError: one has; names the tensor after `where`.
    """
    for name, array in tensors.items():
        if array.dtype.kind != "i" and np.isnan(array).any():
            raise RunError(f"{where}: tensor {name!r} has NaN values: lower optimizer.learning_rate")

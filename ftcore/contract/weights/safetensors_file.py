"""Reads a safetensors file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.errors import ModelError

TYPES: Mapping[str, str] = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}
"""NumPy's names of types by the format's names."""


class SafetensorsFile:
    """The tensors of a safetensors file, each read from the file on request.

    Attributes:
        path: the file.
        notes: always empty: such a file holds only tensors.

    Raises:
        ModelError: the file is truncated or has another format.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: tuple[str, ...] = ()
        self._handle = _open(path)
        self._views = {name: self._handle.get_slice(name) for name in self._handle.keys()}  # noqa: SIM118 (no mapping)

    @property
    def names(self) -> Iterable[str]:
        """Every tensor's name."""
        return self._views

    def shape(self, name: str) -> tuple[int, ...]:
        """Return a tensor's shape."""
        return tuple(self._views[name].get_shape())

    def dtype(self, name: str) -> str:
        """Return a tensor's type: "float32"."""
        stored = str(self._views[name].get_dtype())
        return TYPES.get(stored, stored)

    def read(self, name: str) -> np.ndarray:
        """Return a tensor in its own shape, in new memory."""
        array: np.ndarray = self._handle.get_tensor(name)
        return array


def _open(path: Path) -> Any:
    from safetensors import SafetensorError, safe_open

    try:
        return safe_open(path, framework="numpy")
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: is truncated or not a safetensors file ({error}): get it again") from error

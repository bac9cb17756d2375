"""Opens a file of tensors in any supported format: safetensors or torch.save's."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import numpy as np

from ftcore.contract.weights.pickled import PickledFile, check_not_legacy
from ftcore.contract.weights.safetensors_file import SafetensorsFile
from ftcore.errors import ModelError

GIT_LFS = b"version https://git"
ZIP, HDF5 = b"PK", b"\x89HDF"
SAFETENSORS, KERAS = ".safetensors", ".keras"


class TensorFile(Protocol):
    """Reader of a file: gives tensors by name, each read on request."""

    path: Path
    notes: tuple[str, ...]

    @property
    def names(self) -> Iterable[str]:
        """Every tensor's name."""
        ...

    def shape(self, name: str) -> tuple[int, ...]:
        """Return a tensor's shape."""
        ...

    def dtype(self, name: str) -> str:
        """Return a tensor's type: "float32"."""
        ...

    def read(self, name: str) -> np.ndarray:
        """Return a tensor in its own shape, in new memory."""
        ...


def open_tensor_file(path: Path) -> TensorFile:
    """Open a file of tensors by its name (.safetensors) or else its content; no tensor is read yet.

    Raises:
        ModelError: it does not exist, has another format, is damaged, or holds more than tensors and plain values.
    """
    beginning = _beginning(path)
    if beginning.startswith(GIT_LFS):
        raise ModelError(f"{path}: is a Git LFS pointer, not the weights: run git lfs pull")
    if path.suffix == SAFETENSORS:
        return SafetensorsFile(path)
    check_not_legacy(path, beginning)
    if path.suffix == KERAS or beginning.startswith(HDF5):
        raise ModelError(
            f"{path}: is a file of Keras, which belongs to one model's layers: load it into that model "
            "(model.load_weights), and give the model to ftcore.finetune"
        )
    if not beginning.startswith(ZIP):
        raise ModelError(f"{path}: is not a file of weights that ftcore reads: safetensors, or a file of torch.save")
    return PickledFile(path)


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(64)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from error

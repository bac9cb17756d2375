"""Converts between Keras variables and NumPy arrays with the names and layout of the checkpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from ftcore.errors import ModelError


@dataclass(frozen=True)
class Named:
    """A variable under its checkpoint name.

    Attributes:
        name: the name in the checkpoint.
        variable: a keras.Variable.
        transposed: whether the variable is stored transposed; the checkpoint's layout is [outputs, inputs].
    """

    name: str
    variable: keras.Variable
    transposed: bool = False

    def outward(self, value: Any) -> np.ndarray:
        """Return a copy of a tensor with the variable's own shape, in the checkpoint's layout."""
        array: np.ndarray = np.array(keras.ops.convert_to_numpy(value))
        return np.ascontiguousarray(array.T) if self.transposed else array

    def inward(self, array: np.ndarray, what: str) -> np.ndarray:
        """Return an array in checkpoint layout in the variable's own shape; `what` names it in an error."""
        shape = tuple(reversed(self.variable.shape)) if self.transposed else tuple(self.variable.shape)
        if tuple(array.shape) != shape:
            raise ModelError(f"{what} has shape {list(array.shape)}, the network needs {list(shape)}")
        own = array.T if self.transposed else array
        return own.astype(keras.backend.standardize_dtype(self.variable.dtype))


def copy_out(tensors: Sequence[Named]) -> dict[str, np.ndarray]:
    """Return copies of the variables by name, each in its own shape and the checkpoint's layout."""
    return {named.name: named.outward(named.variable.value) for named in tensors}


def load_into(tensors: Sequence[Named], arrays: Mapping[str, np.ndarray]) -> None:
    """Copy arrays into variables of the same names, each of the same shape, exactly once.

    Raises:
        ModelError: a name is missing or unexpected, or a shape differs; then nothing was changed.
    """
    names = {named.name for named in tensors}
    missing, unexpected = sorted(names - set(arrays)), sorted(set(arrays) - names)
    if missing or unexpected:
        raise ModelError(f"the tensors do not fit the network: missing {missing}, unexpected {unexpected}")
    own = [named.inward(arrays[named.name], named.name) for named in tensors]
    for named, array in zip(tensors, own, strict=True):
        named.variable.assign(array)


def trained(parameters: Sequence[Named], names: frozenset[str] | None) -> list[Named]:
    """Return the trained parameters; None means all of them.

    Raises:
        ModelError: a name belongs to no parameter.
    """
    if names is None:
        return list(parameters)
    if unknown := sorted(names - {named.name for named in parameters}):
        raise ModelError(f"there are no parameters of these names to train: {', '.join(unknown)}")
    return [named for named in parameters if named.name in names]

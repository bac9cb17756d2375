"""Converts the tensors of a result to their written type, and writes them into files."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ftcore.contract.network import Network
from ftcore.contract.weights import DTYPES, HEAD, WEIGHTS
from ftcore.errors import ModelError


def stored_tensors(network: Network, tensors: Mapping[str, np.ndarray], dtype: str) -> dict[str, np.ndarray]:
    """Return the tensors of a network to write, each of its own shape.

    Args:
        network: network of the result.
        tensors: every parameter and buffer by its checkpoint name, float of its shape or an integer count.
        dtype: the type of written floats, a name in DTYPES.

    Raises:
        ModelError: tensors are missing or unexpected, or a value does not fit the type.
    """
    names = [tensor.name for tensor in network.tensors]
    wrong = sorted(set(names) ^ set(tensors))
    if wrong:
        raise ModelError(f"missing or unknown tensors in the result: {', '.join(wrong)}")
    saved = [tensor.name for tensor in network.tensors if tensor.saved]
    return {name: tensors[name] if _counts(tensors[name]) else _cast(name, tensors[name], dtype) for name in saved}


def write_tensors(folder: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """Write all tensors, each of its own shape, into one file."""
    _save(folder / WEIGHTS, tensors)


def write_tensors_apart(folder: Path, tensors: Mapping[str, np.ndarray], prefix: str) -> None:
    """Write the plain model's tensors without `prefix`, and the head's in a second file; each has its own shape."""
    body = {name.removeprefix(prefix): array for name, array in tensors.items() if name.startswith(prefix)}
    _save(folder / WEIGHTS, body)
    head = {name: array for name, array in tensors.items() if not name.startswith(prefix)}
    if head:
        _save(folder / HEAD, head)


def rounding_note(tensors: Mapping[str, np.ndarray], dtype: str) -> list[str]:
    """Return a note for the user if tensors of any shapes are written in a shorter type than they were trained in."""
    computed = max((array.dtype for array in tensors.values() if not _counts(array)), key=lambda found: found.itemsize)
    if DTYPES[dtype].itemsize >= computed.itemsize:
        return []
    return [
        f"the weights were trained in {computed} and written in {dtype}; output.dtype: {computed} keeps every digit"
    ]


def _counts(values: np.ndarray) -> bool:
    return values.dtype.kind == "i"


def _cast(name: str, values: np.ndarray, dtype: str) -> np.ndarray:
    if not np.isfinite(values).all():
        raise ModelError(f"tensor {name!r} of the result has values that are not finite: lower optimizer.learning_rate")
    with np.errstate(over="ignore"):
        # safetensors writes the memory as it is: a transposed view would silently be stored wrong.
        cast: np.ndarray = np.ascontiguousarray(values.astype(DTYPES[dtype]))
    if not np.isfinite(cast).all():
        largest = float(np.abs(values).max())
        raise ModelError(f"{name!r} has the value {largest:.3g}, too large for {dtype}: set output.dtype: float32")
    return cast


def _save(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    from safetensors.numpy import save_file

    save_file(dict(tensors), path, metadata={"format": "pt"})

"""The tensors of a result: in the type that they are written in, in the files of their form."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ftcore.contract.network import Network
from ftcore.contract.weights import DTYPES, HEAD, WEIGHTS
from ftcore.errors import ModelError


def stored_tensors(network: Network, tensors: Mapping[str, np.ndarray], dtype: str) -> dict[str, np.ndarray]:
    """Return what is written of a network's tensors.

    Args:
        network: of the result.
        tensors: every parameter and buffer under its checkpoint name, float of its shape or a count.
        dtype: what floats are written in, a name of DTYPES.

    Raises:
        ModelError: tensors are missing or unexpected, or a value does not fit the type.
    """
    names = [tensor.name for tensor in network.tensors]
    wrong = sorted(set(names) ^ set(tensors))
    if wrong:
        raise ModelError(f"tensors that the result lacks, or does not know: {', '.join(wrong)}")
    saved = [tensor.name for tensor in network.tensors if tensor.saved]
    return {name: tensors[name] if _counts(tensors[name]) else _cast(name, tensors[name], dtype) for name in saved}


def write_tensors(folder: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """Write all tensors into one file."""
    _save(folder / WEIGHTS, tensors)


def write_tensors_apart(folder: Path, tensors: Mapping[str, np.ndarray], prefix: str) -> None:
    """Write the plain model under its own names, without `prefix`, and the rest of the head beside it."""
    body = {name.removeprefix(prefix): array for name, array in tensors.items() if name.startswith(prefix)}
    _save(folder / WEIGHTS, body)
    head = {name: array for name, array in tensors.items() if not name.startswith(prefix)}
    if head:
        _save(folder / HEAD, head)


def rounding_note(tensors: Mapping[str, np.ndarray], dtype: str) -> list[str]:
    """Return a note for the user where tensors are written in a shorter type than they were trained in."""
    computed = max((array.dtype for array in tensors.values() if not _counts(array)), key=lambda found: found.itemsize)
    if DTYPES[dtype].itemsize >= computed.itemsize:
        return []
    return [
        f"the weights were trained in {computed} and written in {dtype}; output.dtype: {computed} keeps every digit"
    ]


def _counts(values: np.ndarray) -> bool:
    return values.dtype.kind == "i"


def _cast(name: str, values: np.ndarray, dtype: str) -> np.ndarray:
    with np.errstate(over="ignore"):
        # safetensors writes the memory as it lies: a transposed view would be stored wrong without a word.
        cast: np.ndarray = np.ascontiguousarray(values.astype(DTYPES[dtype]))
    if not np.isfinite(cast).all() and np.isfinite(values).all():
        largest = float(np.abs(values).max())
        raise ModelError(f"{name!r} has the value {largest:.3g}, too large for {dtype}: set output.dtype: float32")
    return cast


def _save(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    from safetensors.numpy import save_file

    save_file(dict(tensors), path, metadata={"format": "pt"})

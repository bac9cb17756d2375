"""Reads the weights of a folder, whole or sharded, or of a single file, in safetensors or torch.save's format."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from ftcore.contract.weights.tensor_file import TensorFile, open_tensor_file
from ftcore.contract.weights.wrappers import without_wrapping
from ftcore.errors import ModelError
from ftcore.files import sha256

WEIGHTS, INDEX, HEAD, MARK = "model.safetensors", "model.safetensors.index.json", "head.safetensors", "ftcore.json"
PICKLED_WEIGHTS, PICKLED_INDEX = "pytorch_model.bin", "pytorch_model.bin.index.json"

DTYPES: dict[str, np.dtype[Any]] = {
    "float32": np.dtype(np.float32),
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
    "float64": np.dtype(np.float64),
}
"""Floating types in which weights are read and written."""


@dataclass(frozen=True)
class _Entry:
    file: TensorFile
    name: str


class Checkpoint:
    """The tensors of a model folder, or of one file, read one at a time.

    Attributes:
        path: the folder or the file.
        files: every file that holds tensors.
        notes: messages for the user about wrappers around the tensors and prefixes of their names.
    """

    def __init__(self, path: Path, files: Sequence[TensorFile], expected: Collection[str] = ()) -> None:
        self.path = path
        self.files = tuple(file.path for file in files)
        stored = _stored(files)
        try:
            given, notes = without_wrapping(stored, expected)
        except ModelError as error:
            raise ModelError(f"{path}: {error}") from None
        self._entries = {name: stored[own] for name, own in given.items()}
        self.notes = tuple(f"{path.name}: {note}" for note in (*(n for file in files for n in file.notes), *notes))

    @classmethod
    def open(cls, path: Path, expected: Collection[str] = ()) -> "Checkpoint":
        """Open the weights of a folder, or a file of weights; no tensor is read yet.

        Args:
            path: a folder, where safetensors are preferred to pickled weights; or a file.
            expected: names that the network's parameters may have; a wrapper's prefix before them is removed.

        Raises:
            ModelError: there are no weights, or a file is truncated, is missing, contradicts its index, or holds more
                than tensors and plain values.
        """
        if not path.is_dir():
            return cls(path, [open_tensor_file(path)], expected)
        paths, index = _weight_files(path)
        files = {file: open_tensor_file(file) for file in paths}
        for name, file in index.items():
            if name not in files[file].names:
                raise ModelError(f"{path}: its index names tensor {name!r} in {file.name}, which does not have it")
        return cls(path, list(files.values()), expected)

    def __contains__(self, name: str) -> bool:
        """Return whether there is a tensor of this name."""
        return name in self._entries

    @property
    def names(self) -> tuple[str, ...]:
        """Every tensor's name, sorted."""
        return tuple(sorted(self._entries))

    @property
    def dtype(self) -> str:
        """The floating type of most values."""
        sizes: Counter[str] = Counter()
        for entry in self._entries.values():
            dtype = entry.file.dtype(entry.name)
            if dtype in DTYPES:
                sizes[dtype] += math.prod(entry.file.shape(entry.name))
        if not sizes:
            raise ModelError(f"{self.path}: no tensor is of a type that ftcore reads ({', '.join(DTYPES)})")
        return sizes.most_common(1)[0][0]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return a tensor's shape."""
        entry = self._entries[name]
        return entry.file.shape(entry.name)

    def read(self, name: str) -> np.ndarray:
        """Return a tensor in its own shape and its stored type, one of `DTYPES`.

        Raises:
            ModelError: it has another type (quantized weights).
        """
        entry = self._entries[name]
        dtype = entry.file.dtype(entry.name)
        if dtype not in DTYPES:
            raise ModelError(f"{entry.file.path}: tensor {name!r} is {dtype}; ftcore reads {', '.join(DTYPES)}")
        return self.read_stored(name)

    def read_stored(self, name: str) -> np.ndarray:
        """Return a tensor in its own shape and any stored type: a module's buffers may be integers."""
        entry = self._entries[name]
        return entry.file.read(entry.name)

    def sha256(self) -> str:
        """Return the sha256 of a single file, or of the lines "SHA256  NAME" of several."""
        digests = {file.name: sha256(file) for file in self.files}
        if len(digests) == 1:
            return next(iter(digests.values()))
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


def _weight_files(folder: Path) -> tuple[list[Path], Mapping[str, Path]]:
    """Return the files that hold tensors, and an index's map of tensor names to files."""
    head = [folder / HEAD] if (folder / MARK).is_file() and (folder / HEAD).is_file() else []
    for whole, index_name in ((WEIGHTS, INDEX), (PICKLED_WEIGHTS, PICKLED_INDEX)):
        if (folder / whole).is_file():
            return [folder / whole, *head], {}
        if (folder / index_name).is_file():
            index = _read_index(folder / index_name)
            return [*sorted(set(index.values())), *head], index
    raise ModelError(
        f"{folder}: has no weights: neither {WEIGHTS} nor {PICKLED_WEIGHTS}, whole or sharded with an index"
    )


def _read_index(path: Path) -> dict[str, Path]:
    folder = path.parent
    try:
        weight_map = json.loads(path.read_text("utf-8"))["weight_map"]
        index = {str(name): folder / str(file) for name, file in weight_map.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f'{path}: is no index of shards, {{"weight_map": {{tensor: file}}}}: {error!r}') from error
    for file in sorted(set(index.values())):
        if file.parent != folder or not file.is_file():
            raise ModelError(f"{path}: names the shard {file.name}, which is not in the folder")
    return index


def _stored(files: Sequence[TensorFile]) -> dict[str, _Entry]:
    entries: dict[str, _Entry] = {}
    for file in files:
        for name in file.names:
            if name in entries:
                raise ModelError(f"{file.path}: tensor {name!r} is in {entries[name].file.path.name} as well")
            entries[name] = _Entry(file, name)
    return entries

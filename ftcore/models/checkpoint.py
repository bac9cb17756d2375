"""The weights of a folder: safetensors, in one file or sharded."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from ftcore.errors import ModelError

WEIGHTS, INDEX, HEAD, MARK = "model.safetensors", "model.safetensors.index.json", "head.safetensors", "ftcore.json"

DTYPES: dict[str, np.dtype[Any]] = {
    "float32": np.dtype(np.float32),
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
    "float64": np.dtype(np.float64),
}
"""The floating types that weights are read from and written in."""

_STORED = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "F64": "float64"}


@dataclass(frozen=True)
class _Entry:
    file: Path
    shape: tuple[int, ...]
    stored: str


class Checkpoint:
    """The tensors of a model folder, read one at a time.

    Attributes:
        folder: where they are.
        files: every file that holds tensors.
    """

    def __init__(self, folder: Path, handles: Mapping[Path, Any]) -> None:
        self.folder = folder
        self.files = tuple(handles)
        self._handles = handles
        self._entries = _entries(handles)

    @classmethod
    def open(cls, folder: Path) -> "Checkpoint":
        """Open the weights of a folder; no tensor is read yet.

        Raises:
            ModelError: there are none, or a file is pickled, truncated, missing, or not as its index says.
        """
        files, index = _weight_files(folder)
        checkpoint = cls(folder, {file: _open(file) for file in files})
        for name, file in index.items():
            if checkpoint._entries.get(name, _Entry(Path(), (), "")).file != file:
                raise ModelError(f"{folder / INDEX}: names tensor {name!r} in {file.name}, which does not have it")
        return checkpoint

    def __contains__(self, name: str) -> bool:
        """Return whether there is such a tensor."""
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
            if entry.stored in _STORED:
                sizes[_STORED[entry.stored]] += int(np.prod(entry.shape))
        if not sizes:
            raise ModelError(f"{self.folder}: no tensor is of a type that ftcore reads ({', '.join(DTYPES)})")
        return sizes.most_common(1)[0][0]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return a tensor's shape."""
        return self._entries[name].shape

    def read(self, name: str) -> np.ndarray:
        """Return a tensor in its stored type, one of `DTYPES`.

        Raises:
            ModelError: its type is another (quantized weights).
        """
        entry = self._entries[name]
        if entry.stored not in _STORED:
            raise ModelError(f"{entry.file}: tensor {name!r} is {entry.stored}; ftcore reads {', '.join(DTYPES)}")
        array: np.ndarray = self._handles[entry.file].get_tensor(name)
        return array

    def sha256(self) -> str:
        """Return the sha256 of the one file, or of the lines "SHA256  NAME" of several."""
        digests = {file.name: _file_sha256(file) for file in self.files}
        if len(digests) == 1:
            return next(iter(digests.values()))
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


def _weight_files(folder: Path) -> tuple[list[Path], dict[str, Path]]:
    """Return the files that hold tensors, and what an index says: tensor name to file."""
    head = [folder / HEAD] if (folder / MARK).is_file() and (folder / HEAD).is_file() else []
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS, *head], {}
    if (folder / INDEX).is_file():
        index = _read_index(folder)
        return [*sorted(set(index.values())), *head], index
    pickled = sorted(file.name for file in folder.glob("pytorch_model*.bin"))
    if pickled:
        raise ModelError(
            f"{folder}: the weights are pickled ({pickled[0]}), which ftcore does not open: save them as {WEIGHTS} "
            "(transformers: AutoModel.from_pretrained(FOLDER).save_pretrained(FOLDER))"
        )
    raise ModelError(f"{folder}: has no weights: neither {WEIGHTS} nor {INDEX}")


def _read_index(folder: Path) -> dict[str, Path]:
    path = folder / INDEX
    try:
        weight_map = json.loads(path.read_text("utf-8"))["weight_map"]
        index = {str(name): folder / str(file) for name, file in weight_map.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f'{path}: is no index of shards, {{"weight_map": {{tensor: file}}}}: {error!r}') from error
    for file in sorted(set(index.values())):
        if file.parent != folder or not file.is_file():
            raise ModelError(f"{path}: names the shard {file.name}, which is not in the folder")
    return index


def _open(file: Path) -> Any:
    from safetensors import SafetensorError, safe_open

    try:
        return safe_open(file, framework="numpy")
    except (SafetensorError, OSError) as error:
        with file.open("rb") as stream:
            if stream.read(19) == b"version https://git":
                raise ModelError(f"{file}: is a Git LFS pointer, not the weights: run git lfs pull") from None
        raise ModelError(f"{file}: is truncated or no safetensors file ({error}): get it again") from error


def _entries(handles: Mapping[Path, Any]) -> dict[str, _Entry]:
    entries: dict[str, _Entry] = {}
    for file, handle in handles.items():
        for name in handle.keys():  # noqa: SIM118 (a safetensors handle is no mapping)
            if name in entries:
                raise ModelError(f"{file}: tensor {name!r} is in {entries[name].file.name} as well")
            view = handle.get_slice(name)
            entries[name] = _Entry(file, tuple(view.get_shape()), str(view.get_dtype()))
    return entries


def _file_sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

"""Reads a file of torch.save without torch and without running any code that it contains.

The format (torch 1.6 and later) is an uncompressed zip archive. In its pickle, data.pkl, each storage is a persistent
id, and data/KEY is that storage's memory.
"""

import math
import struct
import sys
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from ftcore.contract.weights.unpickling import Global, interpret, plain
from ftcore.contract.weights.wrappers import unwrap
from ftcore.errors import ModelError

_NUMBERS = ("float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64")
_OTHER_NUMBERS = ("complex128", "uint16", "uint32", "uint64")
_ROUNDED = ("bfloat16", "float8_e4m3fn", "float8_e5m2")
DTYPES: Mapping[str, np.dtype[Any]] = {
    **{name: np.dtype(name) for name in (*_NUMBERS, *_OTHER_NUMBERS)},
    **{name: np.dtype(getattr(ml_dtypes, name)) for name in _ROUNDED},
}
"""NumPy types by torch's names."""

STORAGES: Mapping[str, str | None] = {
    "torch.FloatStorage": "float32",
    "torch.DoubleStorage": "float64",
    "torch.HalfStorage": "float16",
    "torch.BFloat16Storage": "bfloat16",
    "torch.LongStorage": "int64",
    "torch.IntStorage": "int32",
    "torch.ShortStorage": "int16",
    "torch.CharStorage": "int8",
    "torch.ByteStorage": "uint8",
    "torch.BoolStorage": "bool",
    "torch.ComplexFloatStorage": "complex64",
    "torch.ComplexDoubleStorage": "complex128",
    "torch.storage.UntypedStorage": None,
}
"""Kinds of storage, and the type of their numbers; None if each tensor has its own type."""

LEGACY = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"
"""First bytes of a file of torch before 1.6: a pickle of its magic number."""
LOCAL_HEADER = struct.Struct("<26xHH")
"""The end of a zip entry's header: the lengths of its name and extra field; the data follow these."""
MOST_SIDES = 2**62
"""More numbers than any file holds; products of sizes below it do not overflow NumPy's sizes."""


@dataclass(frozen=True)
class Storage:
    """Memory of one or more tensors: its entry of the archive, and the type of its numbers."""

    key: str
    dtype: str | None


@dataclass(frozen=True)
class PickledTensor:
    """Location of a tensor's numbers.

    Attributes:
        storage: the memory, which other tensors may share.
        dtype: torch's name of its type.
        offset: position of the first number, counted in numbers.
        shape: its shape.
        strides: strides, counted in numbers.
    """

    storage: Storage
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def extent(self) -> int:
        """How many numbers the tensor needs, from the beginning of the storage."""
        if 0 in self.shape:
            return 0
        return self.offset + 1 + sum((size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True))


class PickledFile:
    """The tensors of a file of torch.save, each read from the file on request.

    Attributes:
        path: the file.
        notes: messages for the user about wrappers around the tensors.

    Raises:
        ModelError: the file has another format, is damaged, or holds more than tensors and plain values.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._archive = _Archive(path)
            content = interpret(self._archive.record("data.pkl").tobytes(), KNOWN, _storage)
            self._tensors, self.notes = unwrap(content, PickledTensor)
            for name, tensor in self._tensors.items():
                self._check(name, tensor)
        except ModelError as error:
            # A name in the file may contain line ends.
            raise ModelError(f"{path}: {' '.join(str(error).split())}") from error.__cause__

    @property
    def names(self) -> Iterable[str]:
        """Every tensor's name."""
        return self._tensors

    def shape(self, name: str) -> tuple[int, ...]:
        """Return a tensor's shape."""
        return self._tensors[name].shape

    def dtype(self, name: str) -> str:
        """Return a tensor's type: "float32"."""
        return self._tensors[name].dtype

    def read(self, name: str) -> np.ndarray:
        """Return a tensor in its own shape, in new memory and row-major order."""
        tensor = self._tensors[name]
        dtype = DTYPES[tensor.dtype]
        if 0 in tensor.shape:
            return np.empty(tensor.shape, dtype)
        memory = self._archive.record(_entry(tensor.storage))
        strides = [stride * dtype.itemsize for stride in tensor.strides]
        view: np.ndarray = np.ndarray(tensor.shape, dtype, memory.data, tensor.offset * dtype.itemsize, strides)
        return np.array(view, order="C")

    def _check(self, name: str, tensor: PickledTensor) -> None:
        held = self._archive.size(_entry(tensor.storage)) // DTYPES[tensor.dtype].itemsize
        if tensor.extent > held:
            raise ModelError(f"is damaged: tensor {name!r} needs {tensor.extent} numbers of a storage of {held}")


class _Archive:
    """The entries of an uncompressed zip archive, mapped into memory."""

    def __init__(self, path: Path) -> None:
        try:
            with zipfile.ZipFile(path) as archive:
                entries = {entry.filename: entry for entry in archive.infolist()}
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
            raise ModelError(f"is truncated or not a file of torch.save ({error}): get it again") from error
        self._memory: np.ndarray = np.memmap(path, mode="r").view(np.ndarray)
        self._entries = entries
        self._root = self._find_root()
        self._check_byte_order()

    def size(self, name: str) -> int:
        """Return an entry's number of bytes."""
        return len(self.record(name))

    def record(self, name: str) -> np.ndarray:
        """Return an entry's content, uint8 [bytes]."""
        entry = self._entries.get(f"{self._root}/{name}")
        if entry is None:
            raise ModelError(f"is damaged: it has no entry {name}: get it again")
        if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
            raise ModelError(
                f"its entry {name} is compressed, which torch.save never does: load it in torch and save it"
            )
        header = self._memory[entry.header_offset : entry.header_offset + LOCAL_HEADER.size]
        if entry.header_offset < 0 or len(header) < LOCAL_HEADER.size:
            raise ModelError(f"is damaged: its entry {name} lies outside the file: get it again")
        start = entry.header_offset + LOCAL_HEADER.size + sum(LOCAL_HEADER.unpack(header.tobytes()))
        if start + entry.file_size > len(self._memory):
            raise ModelError(f"is damaged: its entry {name} ends outside the file: get it again")
        return self._memory[start : start + entry.file_size]

    def _find_root(self) -> str:
        roots = [name.removesuffix("/data.pkl") for name in self._entries if name.endswith("/data.pkl")]
        if len(roots) != 1 or "/" in roots[0]:
            raise ModelError("is a zip archive, but not one of torch.save: it has no single data.pkl")
        return roots[0]

    def _check_byte_order(self) -> None:
        # Before torch 2.1 there was no such entry.
        if f"{self._root}/byteorder" not in self._entries:
            return
        order = self.record("byteorder").tobytes().decode("ascii", "replace")
        if order != sys.byteorder:
            raise ModelError(
                f"its numbers are {order}-endian, and this machine is {sys.byteorder}-endian: "
                "load it in torch and save it again"
            )


def check_not_legacy(path: Path, beginning: bytes) -> None:
    """Refuse a pickle that is not an archive.

    Raises:
        ModelError: the file was written by torch before 1.6, or is a pickle of something else.
    """
    if beginning.startswith(LEGACY):
        raise ModelError(
            f"{path}: has the format that torch wrote before 1.6, which ftcore does not read: load it in torch and "
            "save it again (torch.save(torch.load(FILE, weights_only=True), NEW_FILE))"
        )
    if beginning.startswith(b"\x80"):
        raise ModelError(f"{path}: is a pickle, but not one of torch.save: loading it would run its code")


def _entry(storage: Storage) -> str:
    return f"data/{storage.key}"


def _storage(identifier: Any) -> Storage:
    if not (isinstance(identifier, tuple) and len(identifier) == 5 and identifier[0] == "storage"):
        raise TypeError("a persistent id is not a storage")
    _, kind, key, _, _ = identifier
    if not (isinstance(kind, Global) and kind.name in STORAGES and isinstance(key, str)):
        raise TypeError("a persistent id is not a storage")
    return Storage(key, STORAGES[kind.name])


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *others: Any) -> PickledTensor:
    """Replace torch._utils._rebuild_tensor_v2; `others` are requires_grad, hooks, and bits of a complex view."""
    if not isinstance(storage, Storage) or storage.dtype is None:
        raise TypeError("a tensor's storage is not a typed storage")
    return _checked(storage, storage.dtype, offset, shape, strides, others[2:])


def _typed_tensor(
    storage: Any, offset: Any, shape: Any, strides: Any, requires_grad: Any, hooks: Any, dtype: Any, *others: Any
) -> PickledTensor:
    """Replace torch._utils._rebuild_tensor_v3, whose storage has no type of its own."""
    if not isinstance(storage, Storage) or not isinstance(dtype, Global):
        raise TypeError("a tensor's storage is not a storage")
    return _checked(storage, dtype.name.removeprefix("torch."), offset, shape, strides, others)


def _checked(
    storage: Storage, dtype: str, offset: Any, shape: Any, strides: Any, bits: tuple[Any, ...]
) -> PickledTensor:
    numbers = [offset, *shape, *strides]
    if any(type(number) is not int or not 0 <= number < MOST_SIDES for number in numbers):
        raise ValueError("a tensor's sizes are not valid")
    if len(shape) != len(strides) or math.prod(shape) * DTYPES[dtype].itemsize >= MOST_SIDES:
        raise ValueError("a tensor's sizes do not fit its strides")
    if any(bits):
        raise ModelError("holds a conjugated or negated view, which ftcore does not read: save a copy of it (clone)")
    return PickledTensor(storage, dtype, offset, tuple(shape), tuple(strides))


def _parameter(data: Any, *_: Any) -> PickledTensor:
    """Replace torch._utils._rebuild_parameter: return its tensor."""
    if not isinstance(data, PickledTensor):
        raise TypeError("a parameter is not a tensor")
    return data


def _encoded(text: str, _: str = "latin1") -> bytes:
    """Replace the call by which torch's pickles encode bytes."""
    return text.encode("latin1")


def _mapping(items: Any = ()) -> dict[Any, Any]:
    return plain(items.items() if isinstance(items, dict) else items)


def _members(items: Any = ()) -> set[Any]:
    return set(plain((item, None) for item in items))


KNOWN = {
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _typed_tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch.Size": tuple,
    "torch.device": lambda *_: None,
    "_codecs.encode": _encoded,
    "collections.OrderedDict": _mapping,
    "collections.Counter": _mapping,
    "__builtin__.set": _members,
    "builtins.set": _members,
    **dict.fromkeys(STORAGES),
    **{f"torch.{name}": None for name in DTYPES},
}
"""Every name that a file may contain: functions that rebuild a tensor, and plain containers."""

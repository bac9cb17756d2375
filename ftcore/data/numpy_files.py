"""Reads arrays from NumPy's .npz and .npy files, without ever loading pickled objects."""

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import numpy as np

from ftcore.errors import DataError
from ftcore.helpers import did_you_mean

ARRAYS, ARRAY = ".npz", ".npy"
SHOWN = 8
"""Maximum number of names that an error lists."""
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
"""The function that reads the header of a .npy file, by format version."""
DAMAGED = (OSError, ValueError, EOFError, tokenize.TokenError, SyntaxError)
"""What NumPy raises for a damaged file; the last two come from parsing its header, a Python literal."""
LOCAL_HEADER = 30
"""Bytes of a zip member's header before its name; the last four are the lengths of name and extra field."""


def absent(own: str, column: str, found: list[str], what: str = "column") -> str:
    """Return the error text for a missing column or array, with the names that exist."""
    return (
        f"there is no {what} {column!r}{did_you_mean(column, found)}; its {what}s are "
        f"{', '.join(found[:SHOWN])}{' ...' if len(found) > SHOWN else ''}: set data.columns.{own} to the right one"
    )


def array_files(folder: Path) -> list[Path]:
    """Return a folder's .npy files, by name."""
    return sorted(path for path in folder.glob(f"*{ARRAY}") if not path.name.startswith("."))


def open_arrays(name: str, path: Path) -> dict[str, np.ndarray]:
    """Return every array of a .npz file, or of the .npy files in a folder, by name.

    Each has its own shape. Arrays are memory-mapped, except compressed ones of a .npz file, which are read whole.

    Args:
        name: the file or folder, for errors.
        path: where it is.

    Raises:
        DataError: it does not exist, or holds something other than arrays of numbers and text.
    """
    if path.is_dir():
        files = array_files(path)
        if not files:
            raise DataError(f"{name}: the folder holds no {ARRAY} files")
        return {file.stem: _opened(f"{name}/{file.name}", file) for file in files}
    if path.suffix.lower() != ARRAYS or not path.is_file():
        there = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(
            f"{name}: there is no {ARRAYS} file and no folder of {ARRAY} files of this name"
            f"{did_you_mean(path.name, there)}; looked for {path}"
        )
    with _errors(name), ZipFile(path) as content:
        return {info.filename.removesuffix(ARRAY): _member(path, content, info) for info in content.infolist()}


def read_array(name: str, path: Path, own: str, array: str) -> np.ndarray:
    """Return an array of a .npz file in its own shape, memory-mapped unless it is compressed.

    Args:
        name: the file, for errors.
        path: where it is.
        own: ftcore's name of the array, which data.columns can map to another.
        array: its name in the file.

    Raises:
        DataError: the array does not exist, or is not one of numbers or text.
    """
    with _errors(name), ZipFile(path) as content:
        members = {info.filename.removesuffix(ARRAY): info for info in content.infolist()}
        if array not in members:
            raise DataError(f"{name}: {absent(own, array, list(members), 'array')}")
        return _member(path, content, members[array])


def array_names(name: str, path: Path) -> list[str]:
    """Return the names of a .npz file's arrays.

    Raises:
        DataError: it is not a .npz file.
    """
    with _errors(name), ZipFile(path) as content:
        return [info.filename.removesuffix(ARRAY) for info in content.infolist()]


def _opened(name: str, path: Path) -> np.ndarray:
    try:
        found: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGED as error:
        raise DataError(f"{name}: is not a {ARRAY} file of numbers and text: {error}") from None
    return found


@contextmanager
def _errors(name: str) -> Iterator[None]:
    try:
        yield
    # zipfile raises a RuntimeError if a member is encrypted.
    except (*DAMAGED, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{name}: is not a {ARRAYS} file of numbers and text: {error}") from None


def _member(path: Path, content: ZipFile, info: ZipInfo) -> np.ndarray:
    """Return a member of a .npz file."""
    with content.open(info) as stream:
        version = np.lib.format.read_magic(stream)
        if info.compress_type == zipfile.ZIP_STORED and version in HEADERS:
            shape, fortran, dtype = HEADERS[version](stream)
            if not dtype.hasobject and 0 not in shape:
                offset = _content(path, info) + stream.tell()
                return np.memmap(path, dtype, mode="r", offset=offset, shape=shape, order="F" if fortran else "C")
    with content.open(info) as stream:
        found: np.ndarray = np.lib.format.read_array(stream, allow_pickle=False)
        return found


def _content(path: Path, info: ZipInfo) -> int:
    """Return the offset of a stored member's content in a zip file."""
    with path.open("rb") as stream:
        stream.seek(info.header_offset + LOCAL_HEADER - 4)
        name, extra = struct.unpack("<HH", stream.read(4))
        return info.header_offset + LOCAL_HEADER + int(name) + int(extra)

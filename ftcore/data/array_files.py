"""Arrays in .npz and .npy files of NumPy; pickled objects are never loaded."""

import zipfile
from pathlib import Path

import numpy as np

from ftcore.errors import DataError
from ftcore.suggestions import did_you_mean

ARRAYS = ".npz"
SHOWN = 8
"""Names that an error shows."""


def absent(name: str, own: str, column: str, found: list[str], what: str = "column") -> str:
    """Return the error that a file has no such column or array, and which it has."""
    return (
        f"{name}: there is no {what} {column!r}{did_you_mean(column, found)}; its {what}s are "
        f"{', '.join(found[:SHOWN])}{' ...' if len(found) > SHOWN else ''}: set data.columns.{own} to the right one"
    )


def array_names(name: str, path: Path) -> list[str]:
    """Return the names of a .npz file's arrays.

    Raises:
        DataError: it is no such file.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            return list(content.files)
    except (OSError, ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise DataError(f"{name}: is no .npz file of numbers and text: {error}") from None


def read_array(name: str, path: Path, own: str, array: str) -> np.ndarray:
    """Return an array of a .npz file, whole in memory.

    Args:
        name: the file, for errors.
        path: where it is.
        own: ftcore's name of what the array holds, which data.columns may give another.
        array: its name in the file.

    Raises:
        DataError: it is not there, or no array of numbers or text.
    """
    found = array_names(name, path)
    if array not in found:
        raise DataError(absent(name, own, array, found, "array"))
    try:
        with np.load(path, allow_pickle=False) as content:
            values: np.ndarray = content[array]
            return values
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{name}: is no .npz file of numbers and text: {error}") from None

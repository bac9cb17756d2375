"""Arrays that are written as their values come, one file each, and mapped into memory again."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np

from ftcore.files import read_json, write_json

ABOUT = "about.json"


class ArrayWriter:
    """Fills a folder that `open_arrays` reads.

    Args:
        folder: an empty folder.
        dtypes: name of each array to its type.
    """

    def __init__(self, folder: Path, dtypes: Mapping[str, Any]) -> None:
        self._folder = folder
        self._dtypes = dtypes
        self._sizes = dict.fromkeys(dtypes, 0)
        self._open = ExitStack()

    def __enter__(self) -> "ArrayWriter":
        self._files: dict[str, IO[bytes]] = {
            name: self._open.enter_context((self._folder / f"{name}.bin").open("wb")) for name in self._dtypes
        }
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def append(self, name: str, values: Any) -> None:
        """Append values to an array."""
        array = np.ascontiguousarray(values, self._dtypes[name])
        self._files[name].write(array.tobytes())
        self._sizes[name] += len(array)

    def size(self, name: str) -> int:
        """Return how many values an array has."""
        return self._sizes[name]

    def finish(self, about: Mapping[str, Any]) -> None:
        """Write what else is to be known; without it the folder is not whole."""
        write_json(self._folder / ABOUT, {**about, "sizes": self._sizes})


def open_arrays(folder: Path, dtypes: Mapping[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Map the arrays of a folder; return them, and what else is known.

    Raises:
        OSError, EOFError, ValueError, KeyError: it is not whole.
    """
    about: dict[str, Any] = read_json(folder / ABOUT)
    arrays = {name: _mapped(folder / f"{name}.bin", dtype) for name, dtype in dtypes.items()}
    if {name: len(array) for name, array in arrays.items()} != about["sizes"]:
        raise ValueError(f"{folder}: the arrays do not have the sizes that {ABOUT} tells")
    return arrays, about


def _mapped(path: Path, dtype: Any) -> np.ndarray:
    # A file of no bytes cannot be mapped.
    return np.memmap(path, dtype, mode="r") if path.stat().st_size else np.zeros(0, dtype)

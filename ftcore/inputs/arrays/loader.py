"""Loads and checks ready arrays of a file or folder, memory-mapped where possible."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftcore.data import LoadedFile, Location, Reading, absent, array_files, name_of, open_arrays
from ftcore.errors import DataError, ModelError
from ftcore.files import sha256
from ftcore.inputs.arrays.dataset import ArrayDataset
from ftcore.inputs.arrays.labels import numbers_as_labels, outputs_of, targets_of
from ftcore.inputs.arrays.shapes import ArrayInputs

LABELS = "labels"
"""Name of the array of labels, unless data.columns.labels gives another."""
CHUNK = 4096
"""Number of examples that are checked together."""


@dataclass(frozen=True)
class StoredArrays:
    """The facts about arrays that `LoadedFile` needs; arrays are not cached, and no row is left out.

    Attributes:
        labels: names of the outputs; [] if there are no labels.
        rejections: the arrays' own path; no file lists bad rows.
    """

    labels: list[str]
    rejections: Path
    form: tuple[str, ...] = ()
    rejected: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ArrayLoader:
    """Loads arrays for one network.

    Attributes:
        takes: the inputs of the network and its loss.
        base: the folder that relative paths start from.
    """

    takes: ArrayInputs
    base: Path

    def load(self, location: Location, reading: Reading) -> LoadedFile:
        """Open and check arrays."""
        if not isinstance(location, str):
            raise DataError(f"{name_of(location)}: arrays are read from one file or folder: put them together")
        path = self.base / Path(location).expanduser()
        arrays = open_arrays(location, path)
        try:
            targets, labels = self._labels(arrays, reading)
            dataset = ArrayDataset(self.takes.named(arrays), targets)
            _check_finite(arrays)
        except (DataError, ModelError) as error:
            raise DataError(f"{location}: {error}") from None
        return LoadedFile(location, _fingerprint(path), StoredArrays(labels, path), dataset)

    def _labels(self, arrays: dict[str, np.ndarray], reading: Reading) -> tuple[np.ndarray | None, list[str]]:
        """Remove the labels from the arrays; return them as the loss reads them, and the names of the outputs."""
        column = reading.rules.given.get(LABELS, LABELS)
        for name in reading.rules.apart:
            arrays.pop(name, None)
        if reading.target is None:
            arrays.pop(column, None)
            return None, []
        if column not in arrays:
            raise DataError(absent(LABELS, column, list(arrays), "array"))
        targets = targets_of(arrays.pop(column), self.takes.loss)
        count = outputs_of(targets) if len(targets) else 0
        if reading.labels is None:
            if targets.ndim == 1 and count == 1:
                raise DataError(f"{column}: every label is 0: {self.takes.loss} needs at least two classes")
            return targets, numbers_as_labels(count)
        names = list(reading.labels)
        if count > len(names) or (targets.ndim == 2 and count < len(names)):
            raise DataError(
                f"{column}: there are {count} {'classes' if targets.ndim == 1 else 'numbers per example'}, but "
                f"data.labels or train gives {len(names)} outputs"
            )
        return targets, names


def _check_finite(arrays: Mapping[str, np.ndarray]) -> None:
    """Raise DataError if an example has a value that is not finite."""
    for name, array in arrays.items():
        for start in range(0, len(array) if array.dtype.kind == "f" else 0, CHUNK):
            part = array[start : start + CHUNK]
            good = np.isfinite(part).reshape(len(part), -1).all(axis=1)
            if not good.all():
                row = start + int(good.argmin()) + 1
                raise DataError(f"row {row}: {name} has a value that is not a finite number")


def _fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and hashes of a folder's files."""
    if not path.is_dir():
        return sha256(path)
    return hashlib.sha256("".join(f"{file.name}\0{sha256(file)}\n" for file in array_files(path)).encode()).hexdigest()

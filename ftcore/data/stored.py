"""Stores a file's examples in the cache as arrays, written value by value and read memory-mapped."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Generic, Self, TypeVar

import numpy as np

from ftcore.data.checks import Rejection
from ftcore.data.reading import Collected
from ftcore.files import read_json, write_json

ABOUT, TARGETS, REJECTIONS = "about.json", "targets.npy", "rejected.jsonl"

Stored = TypeVar("Stored")


@dataclass(frozen=True)
class StoredFile(Generic[Stored]):
    """A file that was read and checked.

    Attributes:
        arrays: its examples.
        form: ftcore's names of the columns of its texts; () for images and numbers.
        labels: the labels in order; [] if there are none.
        rejected: number of bad rows that were left out.
        rejections: the file that lists the bad rows, one JSON object per line.
        notes: messages for the user about how the file was read.
    """

    arrays: Stored
    form: tuple[str, ...]
    labels: list[str]
    rejected: int
    rejections: Path
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoredFolder:
    """The content of the folder of a stored file.

    Attributes:
        arrays: by name, each of its own shape, memory-mapped.
        targets: as `TargetCollector.finish` gave them; [0] if there are none.
        about: the content of about.json.
        folder: the folder.
    """

    arrays: dict[str, np.ndarray]
    targets: np.ndarray
    about: dict[str, Any]
    folder: Path

    def of(self, arrays: Stored) -> StoredFile[Stored]:
        """Return the stored file with these arrays."""
        about, rejections = self.about, self.folder / REJECTIONS
        form, notes = tuple(about["form"]), tuple(about["notes"])
        return StoredFile(arrays, form, about["labels"], about["rejected"], rejections, notes)


class FolderWriter:
    """Fills a folder that `open_folder` reads; memory use does not grow with the file.

    Args:
        folder: an empty folder.
        dtypes: the type of each array, by name.

    Attributes:
        rejected: number of bad rows that were left out.
    """

    def __init__(self, folder: Path, dtypes: Mapping[str, Any]) -> None:
        self.rejected = 0
        self._folder = folder
        self._dtypes = dtypes
        self._sizes = dict.fromkeys(dtypes, 0)
        self._open = ExitStack()

    def __enter__(self) -> "FolderWriter":
        self._files: dict[str, IO[bytes]] = {
            name: self._open.enter_context((self._folder / f"{name}.bin").open("wb")) for name in self._dtypes
        }
        self._rejections = self._open.enter_context((self._folder / REJECTIONS).open("w", encoding="utf-8"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def append(self, name: str, values: Any) -> None:
        """Append values of any shape to a flat array."""
        array = np.ascontiguousarray(values, self._dtypes[name])
        self._files[name].write(array.tobytes())
        self._sizes[name] += array.size

    def size(self, name: str) -> int:
        """Return the number of values of an array."""
        return self._sizes[name]

    def reject(self, rejection: Rejection) -> None:
        """Append a bad row."""
        self._rejections.write(rejection.stored())
        self.rejected += 1

    def finish(self, form: Sequence[str], collected: Collected, about: Mapping[str, Any] | None = None) -> None:
        """Write the targets and about.json, without which the folder is incomplete.

        Args:
            form: the columns of the examples.
            collected: the labels, the targets and the notes of all rows.
            about: further facts for the reader.
        """
        np.save(self._folder / TARGETS, collected.targets)
        known = {
            "form": list(form),
            "labels": collected.labels,
            "rejected": self.rejected,
            "sizes": self._sizes,
            "notes": collected.notes,
        }
        write_json(self._folder / ABOUT, {**(about or {}), **known})


class ExampleWriter:
    """Writes examples into a folder; a subclass adds how to append one and how to finish.

    Args:
        folder: an empty folder.
        dtypes: the type of each array, by name.
        starts: names of the arrays that begin with a 0 before the first example.

    Attributes:
        examples: number of examples written.
    """

    def __init__(self, folder: Path, dtypes: Mapping[str, Any], starts: Sequence[str] = ()) -> None:
        self.examples = 0
        self._folder = FolderWriter(folder, dtypes)
        self._starts = starts

    def __enter__(self) -> Self:
        self._folder.__enter__()
        for name in self._starts:
            self._folder.append(name, [0])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.__exit__(kind, error, trace)

    @property
    def rejected(self) -> int:
        """Number of bad rows that were left out."""
        return self._folder.rejected

    def reject(self, rejection: Rejection) -> None:
        """Append a bad row."""
        self._folder.reject(rejection)


def open_folder(folder: Path, dtypes: Mapping[str, Any]) -> StoredFolder:
    """Memory-map those arrays of `dtypes` that a folder has.

    Raises:
        OSError, EOFError, ValueError, KeyError: the folder is incomplete.
    """
    about: dict[str, Any] = read_json(folder / ABOUT)
    arrays = {name: _mapped(folder / f"{name}.bin", dtypes[name]) for name in about["sizes"]}
    if {name: len(array) for name, array in arrays.items()} != about["sizes"]:
        raise ValueError(f"{folder}: the arrays do not have the sizes in {ABOUT}")
    return StoredFolder(arrays, np.load(folder / TARGETS, mmap_mode="r"), about, folder)


def _mapped(path: Path, dtype: Any) -> np.ndarray:
    # An empty file cannot be memory-mapped.
    return np.memmap(path, dtype, mode="r") if path.stat().st_size else np.zeros(0, dtype)

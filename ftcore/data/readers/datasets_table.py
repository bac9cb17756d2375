"""Reads datasets of the `datasets` library, from a saved folder or from the hub."""

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ftcore.data.readers.base import Row
from ftcore.data.readers.record_batches import CHUNK, arrow_errors, rows_of
from ftcore.errors import DataError

if TYPE_CHECKING:
    import datasets


class HubName(NamedTuple):
    """A dataset on the hub; a configuration or split of None means the only one."""

    repository: str
    configuration: str | None
    split: str | None


@dataclass(frozen=True)
class SavedReader:
    """Reads a folder written by `save_to_disk`.

    Attributes:
        path: the folder.
        name: its name in errors.
    """

    path: Path
    name: str

    def columns(self) -> list[str]:
        """Return the columns."""
        return list(self._dataset.column_names)

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row, only the given columns."""
        return _rows(self._dataset, columns, self.name)

    def files(self) -> list[Path]:
        """Return every file of the folder."""
        return sorted(path for path in self.path.rglob("*") if path.is_file())

    @cached_property
    def _dataset(self) -> "datasets.Dataset":
        _require_library(self.name)
        import datasets

        with arrow_errors(self.name, "a saved data set"):
            loaded = datasets.load_from_disk(str(self.path))
        return _one_split(loaded, self.name, "/")


@dataclass(frozen=True)
class HubReader:
    """Reads a dataset from the hub.

    Attributes:
        wanted: the dataset to load.
        name: its name in errors.
        absent: the path where a file of this name was looked for first.
    """

    wanted: HubName
    name: str
    absent: Path

    def columns(self) -> list[str]:
        """Return the columns."""
        return list(self._dataset.column_names)

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row, only the given columns."""
        return _rows(self._dataset, columns, self.name)

    def files(self) -> list[Path]:
        """Return the files of the library's cache."""
        return [Path(item["filename"]) for item in self._dataset.cache_files]

    @cached_property
    def _dataset(self) -> "datasets.Dataset":
        looked = f"{self.name}: there is no file {self.absent}, and as a name on the hub it"
        _require_library(f"{looked} is read by another package")
        import datasets

        if Path(self.wanted.repository).exists():
            # the library would load it as a folder of files, relative to the working folder
            raise DataError(f"{self.name}: there is no file {self.absent}: paths are relative to the spec's folder")
        try:
            loaded = datasets.load_dataset(*self.wanted[:2], split=self.wanted.split)
        except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise DataError(f"{looked} cannot be loaded: {reason}") from error
        return _one_split(loaded, self.name, ":")


def _require_library(what: str) -> None:
    if importlib.util.find_spec("datasets") is None:
        raise DataError(f"{what}: it needs the package 'datasets': pip install 'ftcore[datasets]'")


def _one_split(loaded: Any, name: str, joint: str) -> "datasets.Dataset":
    if not isinstance(loaded, dict):
        return loaded
    if len(loaded) == 1:
        return next(iter(loaded.values()))
    raise DataError(f"{name}: has several splits: give one of {', '.join(f'{name}{joint}{key}' for key in loaded)}")


def _rows(dataset: "datasets.Dataset", columns: Sequence[str], name: str) -> Iterator[Row]:
    label_names = _label_names(dataset, columns)
    with arrow_errors(name, "a data set"):
        tables = dataset.with_format("arrow").iter(batch_size=CHUNK)
        for row in rows_of((batch for table in tables for batch in table.to_batches()), columns):
            yield row._replace(values=_named(row.values, label_names)) if label_names else row


def _label_names(dataset: "datasets.Dataset", columns: Sequence[str]) -> dict[str, list[str]]:
    import datasets

    features = {name: dataset.features[name] for name in columns if name in dataset.features}
    return {name: feature.names for name, feature in features.items() if isinstance(feature, datasets.ClassLabel)}


def _named(values: Mapping[str, Any], label_names: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the values with class names for codes; a code without a name, such as -1, becomes a missing value."""
    named = dict(values)
    for column, names in label_names.items():
        code = values.get(column)
        named[column] = names[code] if code is not None and 0 <= code < len(names) else None
    return named

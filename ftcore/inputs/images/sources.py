"""Reads images and labels from class folders, lists of files, .npz arrays or pixel columns."""

import hashlib
import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol

import numpy as np

from ftcore.data import (
    ARRAYS,
    IMAGE,
    SAVED_MARKS,
    Location,
    Reading,
    Row,
    Source,
    absent,
    array_names,
    open_source,
    read_array,
    target_of,
    unread_notes,
)
from ftcore.errors import DataError
from ftcore.files import sha256

IMAGES, LABELS = "images", "labels"
"""Names of the arrays in a .npz file, unless data.columns gives others."""


class ImageRow(NamedTuple):
    """One image.

    Attributes:
        number: the image's number, 1 for the first.
        line: its line in a text file, or None.
        image: a file, or an array of pixels (see `pixels_of_array`); None if the row is bad.
        target: its label, unchecked; None if targets are not read.
        problem: why the row could not be read, or None.
        file: its file, if the data is in several; else None.
    """

    number: int
    line: int | None
    image: Path | np.ndarray | None
    target: object
    problem: str | None = None
    file: str | None = None


class ImageSource(Protocol):
    """A source of images and labels."""

    @property
    def notes(self) -> Sequence[str]:
        """Messages for the user about what is not read."""
        ...

    def fingerprint(self) -> str:
        """Return the SHA-256 of all content that is read."""
        ...

    def rows(self) -> Iterator[ImageRow]:
        """Read the images in order."""
        ...


def open_images(location: Location, base: Path, reading: Reading, notify: Callable[[str], None]) -> ImageSource:
    """Return the images that a spec names.

    Args:
        location: a folder, a .npz file, a table with a column of image files, or a table of pixels.
        base: the folder that relative paths start from.
        reading: which columns are read, and how.
        notify: called with messages for the user.

    Raises:
        DataError: it does not exist, or is of a kind that cannot be read.
    """
    if isinstance(location, str):
        columns, target = reading.rules.given, reading.rules.target
        path = base / Path(location).expanduser()
        if path.is_dir() and not any((path / mark).is_file() for mark in SAVED_MARKS):
            return _Folder(location, path, target is not None)
        if path.suffix.lower() == ARRAYS and path.is_file():
            label = None if target is None else columns.get(target, LABELS)
            return _Arrays(location, path, columns.get(IMAGE, IMAGES), label)
    return _table(open_source(location, base, reading.format, reading.where).told(notify), base, reading)


def _table(source: Source, base: Path, reading: Reading) -> ImageSource:
    columns, target, found = reading.rules.given, reading.rules.target, source.reader.columns()
    bound = None if target is None else (target, columns.get(target, target))
    if bound is not None and bound[1] not in found:
        raise DataError(f"{source.name}: {absent(bound[0], bound[1], found)}")
    apart = reading.rules.apart
    if IMAGE not in columns and IMAGE not in found:
        others = (columns.get("label", "label"), *apart)
        return _Pixels(source, [name for name in found if name not in others], bound)
    column = columns.get(IMAGE, IMAGE)
    if column not in found:
        raise DataError(f"{source.name}: {absent(IMAGE, column, found)}")
    read = (column, *apart, *([] if bound is None else [bound[1]]))
    unread = [name for name in found if name not in read]
    return _Listed(source, base, column, bound, unread_notes(unread))


@dataclass(frozen=True)
class _Folder:
    """A folder of images; with labels, each class is a subfolder. Hidden files are ignored."""

    name: str
    path: Path
    labelled: bool

    notes: ClassVar[tuple[str, ...]] = ()

    def fingerprint(self) -> str:
        """Return the hash of the files' names and contents."""
        return _hash_of({str(path.relative_to(self.path)): sha256(path) for path in self._files()})

    def rows(self) -> Iterator[ImageRow]:
        """Yield the files, sorted by path; the label is the first part of the path."""
        for number, path in enumerate(self._files(), start=1):
            parts = path.relative_to(self.path).parts
            if not self.labelled:
                yield ImageRow(number, None, path, None)
            elif len(parts) > 1:
                yield ImageRow(number, None, path, parts[0])
            else:
                yield ImageRow(number, None, None, None, f"{parts[0]!r} is in no subfolder: name one by its class")

    def _files(self) -> list[Path]:
        found = [path for path in self.path.rglob("*") if path.is_file()]
        shown = [path for path in found if not any(part[0] == "." for part in path.relative_to(self.path).parts)]
        if not shown:
            raise DataError(f"{self.name}: the folder holds no files")
        return sorted(shown, key=lambda path: path.relative_to(self.path).parts)


@dataclass(frozen=True)
class _Listed:
    """A table with a column of image files, relative to the table's folder."""

    source: Source
    base: Path
    column: str
    target: tuple[str, str] | None
    notes: Sequence[str]

    def fingerprint(self) -> str:
        """Return the hash of the table and of every file that it names."""
        paths = {str(row.image): row.image for row in self.rows() if isinstance(row.image, Path)}
        return _hash_of({"": self.source.sha256(), **{name: _hash_or_absent(path) for name, path in paths.items()}})

    def rows(self) -> Iterator[ImageRow]:
        """Yield the table's rows."""
        wanted = [self.column, *([self.target[1]] if self.target else [])]
        for row in self.source.rows(wanted, ()):
            yield _row(row, self.target, self._image)

    def _image(self, row: Row) -> Path:
        value = row.values.get(self.column)
        if not isinstance(value, str) or not value.strip():
            raise ValueError(
                f"the image (column {self.column!r}) is {reprlib.repr(value)}, but must be the path of a file"
            )
        table = self.base / Path(row.file or self.source.name).expanduser()
        return table.parent / Path(value).expanduser()


@dataclass(frozen=True)
class _Pixels:
    """A table in which every column but the label is a pixel, channel by channel and row by row."""

    source: Source
    columns: list[str]
    target: tuple[str, str] | None

    notes: ClassVar[tuple[str, ...]] = ()

    def fingerprint(self) -> str:
        """Return the table's hash."""
        return self.source.sha256()

    def rows(self) -> Iterator[ImageRow]:
        """Yield the table's rows; an image is float32 [pixels]."""
        wanted = [*self.columns, *([self.target[1]] if self.target else [])]
        for row in self.source.rows(wanted, ()):
            yield _row(row, self.target, self._image)

    def _image(self, row: Row) -> np.ndarray:
        values = [row.values.get(column) for column in self.columns]
        try:
            return np.array(values, dtype=np.float32)
        except (TypeError, ValueError):
            column = next(name for name, value in zip(self.columns, values, strict=True) if not _is_number(value))
            given = reprlib.repr(row.values.get(column))
            raise ValueError(
                f"the pixel {column!r} is {given}, but must be a number (a table of image files has a column "
                f"{IMAGE!r} or the one in data.columns.{IMAGE})"
            ) from None


@dataclass(frozen=True)
class _Arrays:
    """A .npz file with an array of images and one of labels."""

    name: str
    path: Path
    images: str
    labels: str | None

    @property
    def notes(self) -> Sequence[str]:
        """Name the arrays that are not read."""
        names = array_names(self.name, self.path)
        return unread_notes([name for name in names if name not in (self.images, self.labels)], "arrays")

    def fingerprint(self) -> str:
        """Return the file's hash."""
        return sha256(self.path)

    def rows(self) -> Iterator[ImageRow]:
        """Yield the images."""
        images = read_array(self.name, self.path, IMAGE, self.images)
        if images.ndim not in (3, 4) or images.dtype.kind not in "uif":
            raise DataError(
                f"{self.name}: {self.images!r} is {images.dtype} {list(images.shape)}, but must hold numbers "
                "[images, height, width], or that with channels first or last"
            )
        labels = None if self.labels is None else read_array(self.name, self.path, "label", self.labels)
        if labels is not None and labels.shape != images.shape[:1]:
            raise DataError(
                f"{self.name}: {self.labels!r} is {list(labels.shape)}, but must have one label for each of the "
                f"{len(images)} images"
            )
        for index, image in enumerate(images):
            yield ImageRow(index + 1, None, image, None if labels is None else labels[index].item())


def _row(row: Row, target: tuple[str, str] | None, image_of: Callable[[Row], Path | np.ndarray]) -> ImageRow:
    if row.problem is not None:
        return ImageRow(row.number, row.line, None, None, row.problem, row.file)
    try:
        label = None if target is None else target_of(row.values, *target)
        return ImageRow(row.number, row.line, image_of(row), label, file=row.file)
    except ValueError as error:
        return ImageRow(row.number, row.line, None, None, str(error), row.file)


def _is_number(value: object) -> bool:
    try:
        np.float32(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def _hash_of(hashes: Mapping[str, str]) -> str:
    lines = "".join(f"{name}\0{digest}\n" for name, digest in hashes.items())
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def _hash_or_absent(path: Path) -> str:
    try:
        return sha256(path)
    except OSError:
        return "absent"

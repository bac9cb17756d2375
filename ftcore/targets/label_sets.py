"""Collects the labels of rows that have any number of them: as names, or as vectors of zeros and ones."""

import reprlib
from array import array
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ftcore.targets.label_codes import LabelCodes, label_text
from ftcore.targets.label_lists import LabelText, indicators


class Sets(Protocol):
    """Collects sets of labels, row by row."""

    @property
    def notes(self) -> Sequence[str]:
        """Messages for the user about how the rows were read."""
        ...

    def add(self, items: Sequence[object]) -> None:
        """Take a row's labels; raises ValueError if they are wrong."""
        ...

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the labels in order, and 1 for each label of a row, float32 [rows, labels].

        Raises:
            ValueError: the rows have two meanings.
        """
        ...


class LabelSets:
    """Collects a list or a text of labels per row.

    Args:
        text: reads a row's labels from a text.
        sets: takes the labels of each row.
    """

    def __init__(self, text: LabelText, sets: Sets) -> None:
        self._text = text
        self._sets = sets

    @property
    def notes(self) -> Sequence[str]:
        """Messages for the user about how the rows were read."""
        return [*self._text.notes, *self._sets.notes]

    def add(self, value: object) -> None:
        """Take a row's labels; raises ValueError with the reason if they are wrong."""
        if value is None:
            raise ValueError("the labels are missing")
        if isinstance(value, str):
            value = self._text.read(value)
        if not isinstance(value, list | tuple | np.ndarray):
            raise ValueError(f"labels must be a list, or text with '|' between labels, not {value!r}")
        self._sets.add([item.item() if isinstance(item, np.generic) else item for item in value])

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the labels in order, and 1 for each label of a row, float32 [rows, labels].

        Raises:
            ValueError: the rows have two meanings.
        """
        self._text.check()
        return self._sets.finish()


class NamedSets:
    """Rows that name their labels.

    Args:
        labels: the labels in order; None to find and sort them.
    """

    def __init__(self, labels: Sequence[str] | None) -> None:
        self._codes = LabelCodes(labels)
        self._flat = LabelCodes.array()
        self._ends = array("q")

    @property
    def notes(self) -> Sequence[str]:
        """Messages for the user about the labels."""
        return self._codes.notes

    def add(self, items: Sequence[object]) -> None:
        """Take a row's labels; raises ValueError if one is wrong or unknown."""
        for label in items:  # check all before one becomes a class
            label_text(label)
        self._flat.extend([self._codes.code(label) for label in items])
        self._ends.append(len(self._flat))

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the labels in order, and 1 for each label of a row, float32 [rows, labels]."""
        labels, order = self._codes.finish()
        targets = np.zeros((len(self._ends), len(labels)), dtype=np.float32)
        counts: np.ndarray = np.diff(np.asarray(self._ends, dtype=np.int64), prepend=0)
        if len(self._flat):
            targets[np.repeat(np.arange(len(counts)), counts.astype(np.int64)), order[np.asarray(self._flat)]] = 1.0
        return labels, targets


class IndicatorSets:
    """Rows that are vectors of zeros and ones, with one number for each label.

    Args:
        labels: the names of the labels, in the order of the vectors; None if they are not given.
    """

    notes: Sequence[str] = ()

    def __init__(self, labels: Sequence[str] | None) -> None:
        self._labels = labels
        self._flat = array("b")
        self._rows = 0

    def add(self, items: Sequence[object]) -> None:
        """Take a row's vector; raises ValueError if it is none, or does not have one number for each label."""
        bits = indicators(items)
        if bits is None:
            raise ValueError(f"the labels {reprlib.repr(list(items))} are not a vector of zeros and ones")
        if self._labels is None:
            raise ValueError(
                f"the labels {reprlib.repr(bits)} are a vector of zeros and ones: name its {len(bits)} labels, in "
                "their order, in data.labels"
            )
        if len(bits) != len(self._labels):
            raise ValueError(
                f"the labels {reprlib.repr(bits)} are a vector of {len(bits)} zeros and ones, but there are "
                f"{len(self._labels)} labels: {', '.join(self._labels)}"
            )
        self._flat.extend(bits)
        self._rows += 1

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the labels, and the vectors, float32 [rows, labels]."""
        labels = list(self._labels or [])
        return labels, np.asarray(self._flat, dtype=np.float32).reshape(self._rows, len(labels))


class FoundSets:
    """Rows in the form that they have: vectors of zeros and ones if every row is one, else names.

    A row with a number that occurs twice can only be a vector. If all rows could be both, they are an error.

    Args:
        labels: the labels in order; None to find and sort them.
    """

    def __init__(self, labels: Sequence[str] | None) -> None:
        self._labels = labels
        self._chosen: Sets | None = None
        self._open: list[list[int]] = []
        """The rows of an open form: [0], [1], [0, 1] or [1, 0]; all of one length."""

    @property
    def notes(self) -> Sequence[str]:
        """Messages for the user about how the rows were read."""
        if not isinstance(self._chosen, IndicatorSets):
            return [] if self._chosen is None else self._chosen.notes
        return [f"labels are vectors of zeros and ones, for {', '.join(self._labels or [])}"]

    def add(self, items: Sequence[object]) -> None:
        """Take a row's labels; raises ValueError if they are wrong, or of another form than those of other rows."""
        one_name = len(items) == 1 and isinstance(items[0], str)
        bits = None if one_name else indicators(items)
        if bits is not None and len(set(bits)) < len(bits):
            self._as(IndicatorSets, bits).add(bits)
        elif self._chosen is None and bits is not None and len(bits) == len((self._open or [bits])[0]):
            self._open.append(bits)
        else:
            (self._chosen or self._as(NamedSets, items)).add(items)

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the labels in order, and 1 for each label of a row, float32 [rows, labels].

        Raises:
            ValueError: all rows can be read in both ways, or a label is unknown.
        """
        return (self._chosen or self._as(self._form_of_open(), self._open)).finish()

    def _form_of_open(self) -> type[NamedSets] | type[IndicatorSets]:
        labels, width = self._labels, len((self._open or [[]])[0])
        if not self._open or (labels is not None and len(labels) != width):
            return NamedSets
        if labels is not None and not {"0", "1"} <= set(labels):
            return IndicatorSets
        raise ValueError(
            f"labels such as {self._open[0]} are the names 0 and 1, or vectors of zeros and ones: set data.label_form "
            "to names, or to indicators with the labels in data.labels"
        )

    def _as(self, form: type[NamedSets] | type[IndicatorSets], row: Sequence[object]) -> Sets:
        """Return the collector of this form, which takes all rows; raises ValueError if others have another form."""
        if self._chosen is None:
            chosen = form(self._labels)
            for bits in self._open:
                chosen.add(bits)
            self._chosen = chosen
        elif not isinstance(self._chosen, form):
            raise ValueError(
                f"the labels {reprlib.repr(list(row))} are a vector of zeros and ones, but other rows name their "
                "labels: set data.label_form"
            )
        return self._chosen

"""Assigns codes to label values, in an order that does not depend on the order of rows."""

import re
from array import array
from collections.abc import Iterable, Sequence

import numpy as np

from ftcore.data import name_text
from ftcore.helpers import did_you_mean, listed
from ftcore.targets.label_numbers import named_by_number, number_of

WRITTEN_LIST = re.compile(r"""\[\s*(?:['"].*['"]|\d+(?:[,\s]+\d+)+)\s*\]""", re.DOTALL)
"""A list of texts or of numbers, as programs write it."""
SHOWN = 10
"""Maximum number of labels in a message."""


def label_text(value: object) -> str:
    """Return a label as text; raises ValueError if the value is not a label."""
    return name_text(value, "label")


def sorted_labels(labels: Sequence[str]) -> list[str]:
    """Return labels sorted: as numbers where all are numbers, else as text."""
    try:
        return sorted(labels, key=lambda label: (int(label), label))
    except ValueError:
        numbers = {label: number_of(label) for label in labels}
        return sorted(labels, key=lambda label: (numbers[label] or 0, label) if None not in numbers.values() else label)


def _notes_of_alike(labels: Iterable[str]) -> list[str]:
    alike: dict[str, list[str]] = {}
    for label in labels:
        alike.setdefault(label.strip().casefold(), []).append(repr(label))
    pairs = [" and ".join(sorted(names)) for names in alike.values() if len(names) > 1]
    return [f"labels that differ only in case or spaces are different: {', '.join(pairs[:SHOWN])}"] if pairs else []


def _notes_of_lists(labels: Iterable[str]) -> list[str]:
    written = next((label for label in labels if WRITTEN_LIST.fullmatch(label.strip())), None)
    return [] if written is None else [f"a label that looks like a list of several is one label here: {written!r}"]


class LabelCodes:
    """Gives each label a code; if the labels are given, any other label is an error.

    A number is the given label that is the same number, however either is written. Where no labels are given, labels
    that are all numbers get the names of their column (see `named_by_number`).
    """

    def __init__(self, labels: Sequence[str] | None) -> None:
        self._fixed = labels is not None
        self._codes = {label: code for code, label in enumerate(labels or [])}
        self._numbers = {number: label for label in labels or [] if (number := number_of(label)) is not None}
        self._boolean: bool | None = None
        """Whether the labels are booleans; None before the first."""

    @property
    def notes(self) -> Sequence[str]:
        """Messages for the user about labels that may not be meant; [] if there are none."""
        return [] if self._fixed else [*_notes_of_alike(self._codes), *_notes_of_lists(self._codes)]

    @staticmethod
    def array() -> "array[int]":
        """Return an empty compact array for codes."""
        return array("i")

    def code(self, value: object) -> int:
        """Return the code of a label; raises ValueError if it is wrong or unknown."""
        label = label_text(value)
        if label not in self._codes:
            if self._fixed:
                return self._codes[self._same_number(label)]
            self._check_kind(value)
            self._codes[label] = len(self._codes)
        return self._codes[label]

    def _check_kind(self, value: object) -> None:
        """Check that all labels are booleans or none is: the label of true is "True", which a text can be as well."""
        boolean = isinstance(value, bool | np.bool_)
        if self._boolean is None:
            self._boolean = boolean
        elif self._boolean != boolean:
            kinds = ("true or false", "a text or a number") if boolean else ("a text or a number", "true or false")
            raise ValueError(
                f"the label {value!r} is {kinds[0]}, but other labels are {kinds[1]}: write all in one way"
            )

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the labels in order, and int32 [labels], each code's index in that order."""
        found = list(self._codes)
        names = {label: label for label in found} if self._fixed else named_by_number(found)
        labels = found if self._fixed else sorted_labels(list(dict.fromkeys(names.values())))
        place = {label: index for index, label in enumerate(labels)}
        return labels, np.asarray([place[names[label]] for label in found], dtype=np.int32)

    def _same_number(self, label: str) -> str:
        """Return the given label that is the same number; raises ValueError if there is none."""
        number = number_of(label)
        if number is None or number not in self._numbers:
            known = listed(list(self._codes), SHOWN)
            raise ValueError(f"unknown label {label!r}{did_you_mean(label, self._codes)}; known: {known}")
        return self._numbers[number]

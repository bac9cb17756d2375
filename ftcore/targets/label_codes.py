"""Assigns codes to label values, in an order that does not depend on the order of rows."""

from array import array
from collections.abc import Sequence

import numpy as np

from ftcore.helpers import did_you_mean


def label_text(value: object) -> str:
    """Return a label as text; raises ValueError if the value is not a label."""
    if isinstance(value, str):
        if not value.strip():
            raise ValueError("the label is empty")
        return value
    if isinstance(value, bool | int | np.integer):
        return str(value)
    if value is None:
        raise ValueError("the label is missing")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    raise ValueError(f"a label is a string or an integer, not {value!r}")


def sorted_labels(labels: Sequence[str]) -> list[str]:
    """Return labels sorted: as numbers where all are integers, else as text."""
    try:
        return sorted(labels, key=lambda label: (int(label), label))
    except ValueError:
        return sorted(labels)


class LabelCodes:
    """Gives each label a code; if the labels are given, any other label is an error."""

    def __init__(self, labels: Sequence[str] | None) -> None:
        self._fixed = labels is not None
        self._codes = {label: code for code, label in enumerate(labels or [])}

    @staticmethod
    def array() -> "array[int]":
        """Return an empty compact array for codes."""
        return array("i")

    def code(self, value: object) -> int:
        """Return the code of a label; raises ValueError if it is wrong or unknown."""
        label = label_text(value)
        if label not in self._codes:
            if self._fixed:
                raise ValueError(f"unknown label {label!r}{did_you_mean(label, self._codes)}")
            self._codes[label] = len(self._codes)
        return self._codes[label]

    def finish(self) -> tuple[list[str], np.ndarray]:
        """Return the labels in order, and int32 [labels], each code's index in that order."""
        found = list(self._codes)
        labels = found if self._fixed else sorted_labels(found)
        place = {label: index for index, label in enumerate(labels)}
        return labels, np.asarray([place[label] for label in found], dtype=np.int32)

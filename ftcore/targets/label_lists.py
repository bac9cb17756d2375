"""Reads the labels of a row that are written as one text."""

import ast
import json
import re
import reprlib
from collections.abc import Sequence
from typing import Protocol

BAR = "|"
"""Separates the labels of a text unless the spec gives another separator."""
OTHER_SEPARATORS = (",", ";", "\t", "\n")
"""Separators that other programs write; each may as well be a part of one label."""
BRACKETS = {"[": "]", "(": ")", "{": "}"}
ADJACENT = re.compile(r"""['"]\s+['"]""")
"""Two quoted texts without a comma, as NumPy writes arrays; Python would join them to one text."""
BETWEEN_BITS = re.compile(r"[|,;\s]+")


class LabelText(Protocol):
    """Reads the labels of a row from a text."""

    @property
    def notes(self) -> Sequence[str]:
        """Messages for the user about how the texts were read."""
        ...

    def read(self, text: str) -> Sequence[object]:
        """Return the labels of a row; raises ValueError if the text is wrong."""
        ...

    def check(self) -> None:
        """Raise ValueError if the texts that were read have two meanings."""
        ...


class SeparatedText:
    """Texts with a given separator between labels.

    Args:
        separator: the separator.
    """

    notes: Sequence[str] = ()

    def __init__(self, separator: str) -> None:
        self._separator = separator

    def read(self, text: str) -> Sequence[object]:
        """Return the labels; [] for a blank text."""
        return _parts(text, self._separator)

    def check(self) -> None:
        """Accept the texts: the separator is given."""


class BitText:
    """Texts of zeros and ones."""

    notes: Sequence[str] = ()

    def read(self, text: str) -> Sequence[object]:
        """Return the zeros and ones, as text."""
        return [part for part in BETWEEN_BITS.split(text.strip().strip("[](){}")) if part]

    def check(self) -> None:
        """Accept the texts."""


class FoundText:
    """Texts in the form that they have: a list in brackets, labels with "|" between them, or one label.

    Args:
        known: whether the labels are given, so that any other text is an error.
    """

    def __init__(self, known: bool) -> None:
        self._known = known
        self._has_bars = False
        self._list: str | None = None
        self._doubtful: tuple[str, str] | None = None

    @property
    def notes(self) -> Sequence[str]:
        """Messages for the user about how the texts were read."""
        return [] if self._list is None else [f"labels written as lists, such as {self._list}, are read as lists"]

    def read(self, text: str) -> Sequence[object]:
        """Return the labels of a row; [] for a blank text."""
        stripped = text.strip()
        if len(stripped) > 1 and BRACKETS.get(stripped[0]) == stripped[-1]:
            found = _written_list(stripped)
            self._list = self._list or reprlib.repr(stripped)
            return found
        if BAR in text:
            self._has_bars = True
        elif self._doubtful is None:
            self._doubtful = next(((stripped, one) for one in OTHER_SEPARATORS if one in stripped), None)
        return _parts(text, BAR)

    def check(self) -> None:
        """Raise ValueError if a text is one label or several, and no other text tells which."""
        if self._doubtful is not None and not (self._has_bars or self._known):
            text, separator = self._doubtful
            raise ValueError(
                f"the labels {reprlib.repr(text)} are one label, or several with {separator!r} between them: set "
                f"data.label_separator to {separator!r}, or to {BAR!r} if it is one label"
            )


def indicators(items: Sequence[object]) -> list[int] | None:
    """Return items as zeros and ones if each is one, as a number, a boolean or text; else None."""
    found = [_bit(item) for item in items]
    return None if not found or None in found else [int(bool(one)) for one in found]


def _bit(item: object) -> bool | None:
    if isinstance(item, str):
        return {"0": False, "1": True}.get(item.strip())
    return bool(item) if isinstance(item, bool | int | float) and item in (0, 1) else None


def _parts(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator)] if text.strip() else []


def _written_list(text: str) -> list[object]:
    """Return the items of a list that was written as text, in JSON or in Python."""
    try:
        found = json.loads(text)
    except ValueError:
        found = _of_python(text)
    if not isinstance(found, list | tuple | set):
        raise ValueError(
            f"the labels {reprlib.repr(text)} look like a list, but cannot be read as one: write "
            f'["a", "b"], or set data.label_separator, such as {BAR!r}, if this is the name of a label'
        )
    return sorted(found, key=str) if isinstance(found, set) else list(found)


def _of_python(text: str) -> object:
    if ADJACENT.search(text):
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None

"""Decides which of a file's columns are the texts and the target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftcore.data.forms import ROW_COLUMNS, SCORE, Form
from ftcore.data.readers import inner_suffix
from ftcore.data.table_format import USERS
from ftcore.errors import DataError
from ftcore.helpers import did_you_mean, listed

LISTED = 10
"""Maximum number of unread columns in a note."""
SEPARATE = " (data.pair: separate needs two texts)"


@dataclass(frozen=True)
class Columns:
    """The columns of a file that are read.

    Attributes:
        texts: the file's name of each text column, by ftcore's name.
        target: (ftcore's name, the file's name), or None if targets are not read or the file has none.
        unread: the file's other columns.
    """

    texts: Mapping[str, str]
    target: tuple[str, str] | None
    unread: tuple[str, ...] = ()

    @property
    def wanted(self) -> list[str]:
        """The file's names of the columns, each once."""
        return list(dict.fromkeys([*self.texts.values(), *([self.target[1]] if self.target else [])]))

    @property
    def notes(self) -> list[str]:
        """A message for the user about the columns that are not read; [] if all are read."""
        return unread_notes(self.unread)


@dataclass(frozen=True)
class ColumnRules:
    """The rules by which the columns to read are chosen.

    Attributes:
        given: the file's name of a column, by ftcore's name, as in `data.columns`.
        pair: "joint" or "separate"; separate needs two texts.
        target: ftcore's name of the target, or None if targets are not read.
        forms: the sets of columns that a row may have; only one if another file has decided it.
        optional: whether a column in `given` may be absent if another form, or no target, is possible.
        about: ftcore's names of the columns about rows that are read if `given` has them.
        chosen_by: the file's names of the columns by which rows are chosen.
    """

    given: Mapping[str, str]
    pair: str
    target: str | None
    forms: tuple[Form, ...]
    optional: bool = False
    about: tuple[str, ...] = ()
    chosen_by: tuple[str, ...] = ()

    @property
    def about_rows(self) -> dict[str, str]:
        """The file's names of the columns about rows that are read, by ftcore's names."""
        return {own: self.given[own] for own in self.about if own in self.given}

    @property
    def apart(self) -> list[str]:
        """The file's names of all columns about rows, or that choose them, which are not part of an example."""
        return [*(self.given[own] for own in ROW_COLUMNS if own in self.given), *self.chosen_by]

    def bind(self, name: str, found: Sequence[str]) -> Columns:
        """Return a file's columns to read.

        Args:
            name: the file, for errors.
            found: the columns that the file has.

        Raises:
            DataError: a column is missing, or it is ambiguous which columns are the texts.
        """
        form, target = self._form(name, found), self._target(found)
        names = [*form, *([target] if target else [])]
        bound = {own: self.given.get(own, own) for own in names}
        for own, column in bound.items():
            if column not in found:
                of_pair = self.pair == "separate" and own in form
                raise DataError(_absent(name, own, column, found) + (SEPARATE if of_pair else ""))
        unread = tuple(name for name in _other_columns(found, bound) if name not in self.apart)
        return Columns({own: bound[own] for own in form}, (target, bound[target]) if target else None, unread)

    def _target(self, found: Sequence[str]) -> str | None:
        """Return ftcore's name of the target column; None if no target is read, or if it is optional and absent."""
        free = self.optional or SCORE not in self.given
        absent = self.target == SCORE and free and self.given.get(SCORE, SCORE) not in found
        return None if absent else self.target

    def _form(self, name: str, found: Sequence[str]) -> Form:
        allowed = [form for form in self.forms if self.pair != "separate" or len(form) > 1]
        named = {own for form in allowed for own in form if own in self.given}
        candidates = [form for form in allowed if named <= set(form)] or allowed
        there = self._there(candidates, found) or (self._there(allowed, found) if self.optional else [])
        fitting = [form for form in there if not any(set(form) < set(other) for other in there)]
        if len(fitting) > 1:
            several = ", and ".join(" and ".join(form) for form in fitting)
            raise DataError(f"{name}: has {several}: choose in data.columns which to read")
        # If no form is complete, `bind` reports what is missing.
        return fitting[0] if fitting else min(candidates, key=len)

    def _there(self, forms: Sequence[Form], found: Sequence[str]) -> list[Form]:
        return [form for form in forms if all(self.given.get(own, own) in found for own in form)]


def _other_columns(found: Sequence[str], bound: Mapping[str, str]) -> list[str]:
    """Return the columns that are not bound; in a file with numbered columns only names that are no other name of one.

    Readers of files without a header give some columns a second name, which is one of ftcore's.
    """
    numbered = any(column.isdigit() for column in found)
    others = [column for column in found if column not in bound.values()]
    return [column for column in others if not (numbered and (column.isdigit() or column in bound))]


def unread_notes(unread: Sequence[str], what: str = "columns") -> list[str]:
    """Return a message for the user about the columns, or arrays, that are not read; [] if there are none."""
    return [f"{what} that are not read: {listed(unread, LISTED)}"] if unread else []


def _absent(name: str, own: str, column: str, found: Sequence[str]) -> str:
    may_lack = inner_suffix(Path(name)) in USERS["header"] and not all(one.isdigit() for one in found)
    hint = "; or set data.header: false, if the first line is a row" if may_lack else ""
    return (
        f"{name}: there is no column {column!r}{did_you_mean(column, found)}; its columns are {listed(found)}: "
        f"set data.columns.{own} to the right one, or rename it{hint}"
    )

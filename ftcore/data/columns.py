"""Which of a file's columns are the texts and the target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ftcore.errors import DataError
from ftcore.spec.data import PAIR, TEXT, TOKENS
from ftcore.suggestions import did_you_mean

FORMS = ((TEXT,), PAIR)
"""ftcore's names of a row's texts: one, or two."""
WORDS = (TOKENS,)
"""ftcore's name of a sentence that is given as words."""


@dataclass(frozen=True)
class Columns:
    """A file's columns that are read.

    Attributes:
        texts: ftcore's name to the file's: one text or two, or one sentence as words.
        target: (ftcore's name, the file's), or None where targets are not read.
    """

    texts: Mapping[str, str]
    target: tuple[str, str] | None

    @property
    def wanted(self) -> list[str]:
        """The file's names, each once."""
        return list(dict.fromkeys([*self.texts.values(), *([self.target[1]] if self.target else [])]))


@dataclass(frozen=True)
class ColumnRules:
    """What decides which columns are read.

    Attributes:
        given: ftcore's name to the file's, as in `data.columns`.
        pair: "joint" or "separate"; separate needs two texts.
        target: ftcore's name of the target, or None where targets are not read.
        form: ftcore's names of the texts where another file has decided them, else None.
    """

    given: Mapping[str, str]
    pair: str
    target: str | None
    form: tuple[str, ...] | None = None

    def bind(self, name: str, found: Sequence[str]) -> Columns:
        """Return a file's columns to read.

        Args:
            name: the file, for errors.
            found: the columns that it has.

        Raises:
            DataError: a column is not there, or it is not clear which are the texts.
        """
        form = self.form or self._form(name, found)
        names = [*form, *([self.target] if self.target else [])]
        bound = {own: self.given.get(own, own) for own in names}
        for own, column in bound.items():
            if column not in found:
                raise DataError(_absent(name, own, column, found))
        return Columns({own: bound[own] for own in form}, (self.target, bound[self.target]) if self.target else None)

    def _form(self, name: str, found: Sequence[str]) -> tuple[str, ...]:
        allowed = FORMS[1:] if self.pair == "separate" else FORMS
        chosen = [form for form in allowed if any(own in self.given for own in form)]
        fitting = chosen or [form for form in allowed if all(own in found for own in form)]
        if len(fitting) > 1:
            raise DataError(f"{name}: has text, and text_a and text_b: say in data.columns which to read")
        if fitting:
            return fitting[0]
        if self.pair == "separate":
            missing = next(own for own in PAIR if own not in found)
            raise DataError(_absent(name, missing, missing, found) + " (data.pair: separate needs two texts)")
        raise DataError(_absent(name, TEXT, TEXT, found))


def _absent(name: str, own: str, column: str, found: Sequence[str]) -> str:
    listed = ", ".join(found) or "none"
    return (
        f"{name}: there is no column {column!r}{did_you_mean(column, found)}; its columns are {listed}: "
        f"set data.columns.{own} to the right one"
    )

"""Chooses rows by the values of their columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ftcore.data.readers.base import Reader, Row
from ftcore.data.table_format import Condition
from ftcore.errors import DataError
from ftcore.helpers import did_you_mean, listed


@dataclass(frozen=True)
class FilteredReader:
    """Reads the rows of another reader that meet every condition; rows keep their numbers.

    Attributes:
        reader: the other reader.
        name: the data's name in errors.
        conditions: the conditions.
    """

    reader: Reader
    name: str
    conditions: Sequence[Condition]

    def columns(self) -> list[str]:
        """Return the columns of the other reader.

        Raises:
            DataError: a condition's column is missing.
        """
        found = self.reader.columns()
        for condition in self.conditions:
            if condition.column not in found:
                raise DataError(
                    f"{self.name}: there is no column {condition.column!r}{did_you_mean(condition.column, found)}, "
                    f"which data.where names; its columns are {listed(found)}"
                )
        return found

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Read row by row; rows that cannot be read are kept, since they may be meant.

        Raises:
            DataError: no row meets the conditions.
        """
        self.columns()
        wanted = dict.fromkeys([*columns, *(condition.column for condition in self.conditions)])
        kept = 0
        for row in self.reader.rows(list(wanted)):
            if row.problem is not None or all(meets(condition, row) for condition in self.conditions):
                kept += 1
                yield row
        if not kept:
            raise DataError(f"{self.name}: no row has {self.told()} (data.where)")

    def files(self) -> list[Path]:
        """Return the files of the other reader."""
        return self.reader.files()

    def told(self) -> str:
        """Return the conditions in words."""
        return " and ".join(f"{one.column} {' or '.join(map(repr, _wanted(one)))}" for one in self.conditions)


def meets(condition: Condition, row: Row) -> bool:
    """Return whether a row's value is a wanted one: the same text, the same number, or the same truth value."""
    value = row.values.get(condition.column)
    return any(_same(value, wanted) for wanted in _wanted(condition))


def _wanted(condition: Condition) -> list[object]:
    return list(condition.equals) if isinstance(condition.equals, list) else [condition.equals]


def _same(value: object, wanted: object) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return str(value).lower() == str(wanted).lower()
    if isinstance(value, int | float) or isinstance(wanted, int | float):
        number = _number(wanted)
        return number is not None and _number(value) == number
    return value == wanted


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None

"""Defines the fields of the spec's `data` part that say how the rows of a file are read."""

import codecs
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_serializer

from ftcore.errors import SpecError
from ftcore.helpers import did_you_mean
from ftcore.parts import SpecPart, dotted

DELIMITED = (".csv", ".tsv")
USERS: Mapping[str, tuple[str, ...]] = {
    "encoding": (*DELIMITED, ".jsonl", ".json", ".conll", ".conllu"),
    "delimiter": DELIMITED,
    "quoting": DELIMITED,
    "header": (*DELIMITED, ".xlsx"),
    "sheet": (".xlsx",),
    "query": (".sqlite", ".sqlite3", ".db"),
}
"""The endings of the files that use a field; a field that is not here is used for every file."""
Scalar = str | int | float | bool


def _known_encoding(name: str) -> str:
    if name == "auto":
        return name
    try:
        codecs.lookup(name)
        "".encode(name)
    except LookupError:
        raise ValueError(
            f"given {name!r}; allowed: auto, or an encoding that Python knows, such as utf-8, utf-16, cp1252, latin-1"
        ) from None
    return name


def _one_character(given: str) -> str:
    if given == "auto" or (len(given) == 1 and given not in '"\r\n\0'):
        return given
    raise ValueError(f"given {given!r}; allowed: auto, or one character, such as ';' or \"\\t\"")


def _listed(given: object) -> object:
    return [given] if isinstance(given, Mapping | Condition) else given


class Condition(SpecPart):
    """A condition on a column: its value is the given one, or one of several."""

    column: str = Field(min_length=1, description="The file's name of the column.")
    equals: Scalar | list[Scalar] = Field(alias="is", description="The value, or a list of values.")

    @model_serializer
    def _as_written(self) -> dict[str, Any]:
        return {"column": self.column, "is": self.equals}


class TableFormat(SpecPart):
    """How the rows of a file are read. A field that a format does not have is not used for its files."""

    encoding: Annotated[str, AfterValidator(_known_encoding)] = Field(
        "auto",
        description="The encoding of text files, such as cp1252 or latin-1. auto: UTF-8, or UTF-16 and UTF-32 by their "
        "byte-order marks.",
    )
    delimiter: Annotated[str, AfterValidator(_one_character)] = Field(
        "auto",
        description="The character between the fields of csv and tsv. auto: the comma, semicolon, tab or pipe that "
        "divides the header and the first rows.",
    )
    quoting: Literal["auto", "standard", "none"] = Field(
        "auto",
        description='Quotes in csv and tsv. standard: a field in quotes may hold delimiters and line breaks, and "" is '
        "a quote. none: a quote is a character like others, and each line is a row. auto: the reading that fits every "
        "line of the file.",
    )
    header: bool = Field(
        True,
        description='Whether csv, tsv and xlsx begin with the columns\' names; if not, these are "1", "2", ... in '
        "data.columns.",
    )
    decimal: Literal[".", ","] = Field(".", description="The decimal mark of numbers that are given as text.")
    sheet: str | None = Field(None, description="The sheet of an xlsx file; default: the only one.")
    query: str | None = Field(
        None, description="The SQL query whose rows are read from an SQLite file; default: every row of the only table."
    )


class RowChoice(SpecPart):
    """Which rows of the spec's own files are read."""

    where: Annotated[list[Condition], BeforeValidator(_listed, json_schema_input_type=Condition | list[Condition])] = (
        Field(
            default_factory=list,
            description="Only rows where a column has a value are read: {column: language, is: en}, or a list of such "
            "conditions that must all hold. evaluate and predict read every row.",
        )
    )


def format_of(data: SpecPart) -> TableFormat:
    """Return how the rows of files are read, as the `data` part of a spec tells; the defaults without such fields."""
    fields = TableFormat.model_fields if isinstance(data, TableFormat) else ()
    return TableFormat(**{name: getattr(data, name) for name in fields})


def conditions_of(data: SpecPart) -> tuple[Condition, ...]:
    """Return the conditions on rows in the `data` part of a spec."""
    return tuple(data.where) if isinstance(data, RowChoice) else ()


def given_format(fields: Mapping[str, object], base: TableFormat = TableFormat()) -> TableFormat:  # noqa: B008 - frozen
    """Return how the rows of files are read: as in `base`, but for these fields.

    Raises:
        SpecError: there is no such field, or it has a wrong value.
    """
    for name in fields:
        if name not in TableFormat.model_fields:
            known = ", ".join(TableFormat.model_fields)
            raise SpecError(
                f"{name}: files have no such field{did_you_mean(name, known.split(', '))}; allowed: {known}"
            )
    try:
        return TableFormat(**{**base.model_dump(), **fields})
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        reason = found["msg"].removeprefix("Value error, ")
        raise SpecError(f"{dotted(found['loc'])}: given {found['input']!r}: {reason}") from error

"""Reads the texts of a data file on which a tokenizer is trained."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ftcore.data.checks import half_of_a_pair
from ftcore.data.columns import ColumnRules
from ftcore.data.settings import DataSpec
from ftcore.data.sources import Source, open_source
from ftcore.data.table_format import conditions_of, format_of

CONTENTS = ("content", "value", "text")
"""The fields of a message, or of a part of one, that hold its text."""


class TrainingTexts:
    """The texts of some columns of a file, row after row; each iteration reads the file again.

    Args:
        data: the `data` part of a spec, which names the file.
        base: the folder that a relative path starts from.
        rules: which columns are read.
        wanted: ftcore's names of the columns whose texts are given.

    Attributes:
        sources: what determines the texts: the kind of the file, the SHA-256 of its content, and its columns.

    Raises:
        DataError: the file or a column does not exist.
    """

    def __init__(self, data: DataSpec, base: Path, rules: ColumnRules, wanted: Collection[str]) -> None:
        given, where = format_of(data), conditions_of(data)
        self._source: Source = open_source(data.train, base, given, where)
        bound = rules.bind(self._source.name, self._source.reader.columns()).texts
        self._columns = [column for own, column in bound.items() if own in wanted]
        chosen = [part.model_dump_json(exclude_defaults=True) for part in (given, *where)]
        self.sources = (
            self._source.kind,
            self._source.sha256(),
            *self._columns,
            *(one for one in chosen if one != "{}"),
        )

    def __iter__(self) -> Iterator[str]:
        """Read the texts; other values are skipped, because bad rows are reported where examples are made."""
        for row in self._source.reader.rows(self._columns):
            for column in self._columns:
                yield from _texts_in(row.values.get(column))


def _texts_in(value: object) -> Iterator[str]:
    """Yield a text, the words as one text with a space before each (as they are encoded), or messages' contents."""
    if isinstance(value, str):
        if half_of_a_pair(value) is None:
            yield value
    elif isinstance(value, list):
        words = [one for one in value if isinstance(one, str) and half_of_a_pair(one) is None]
        if words:
            yield "".join(f" {word}" for word in words)
        for message in value:
            for field in CONTENTS if isinstance(message, Mapping) else ():
                yield from _texts_in(message.get(field))

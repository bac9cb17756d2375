"""Shows the first rows of a spec's files as the network will see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ftcore.data import (
    ARRAYS,
    ROW_COLUMNS,
    WEIGHT,
    Asked,
    Columns,
    Dataset,
    Reading,
    Row,
    Source,
    absent,
    open_source,
    place,
    target_of,
)
from ftcore.errors import DataError, SpecError
from ftcore.inputs import Preparer
from ftcore.observer import Observer
from ftcore.runs.binding import preparer_of
from ftcore.spec import TaskSpec
from ftcore.tasks import TASKS


@dataclass(frozen=True)
class ShownRow:
    """One row.

    Attributes:
        place: the row's file, line and number.
        values: the values that are read, by ftcore's names of their columns.
        tokens: the tokens of each sequence, by the network's input; {} without tokens.
        cut: how many tokens are not read, or None.
        problem: why the row is bad, or None.
    """

    place: str
    values: Mapping[str, Any]
    tokens: Mapping[str, Sequence[Sequence[str]]]
    cut: str | None
    problem: str | None


@dataclass(frozen=True)
class FirstRows:
    """The first rows of a split's data.

    Attributes:
        name: the data.
        columns: the file's name of each column that is read, by ftcore's name.
        ignored: the file's columns that are not read.
        rows: the rows.
    """

    name: str
    columns: Mapping[str, str]
    ignored: Sequence[str]
    rows: Sequence[ShownRow]


def first_rows(spec: TaskSpec, base: Path, observer: Observer, split: str, count: int) -> FirstRows:
    """Read the first rows of a split's data as training reads them.

    Args:
        spec: the spec.
        base: the folder of its relative paths.
        observer: receives what was decided about the file.
        split: "train", "validation" or "test"; one that is held out of train shows train.
        count: number of rows.

    Raises:
        FtcoreError: something is wrong with the spec, the file or the model's tokenizer.
    """
    task, data = TASKS[spec.task], spec.data
    given = getattr(data, split)
    if given is None:
        raise SpecError(f"data.{split}: is not given")
    if not task.input.tabular or (isinstance(given, str) and given.endswith(ARRAYS)):
        raise SpecError(f"data.{split}: holds arrays, which have no rows to show")
    preparer = preparer_of(spec, base)
    is_train = split == "train" or isinstance(given, float)
    asked = Asked(task.target, task.input.forms, task.input.pair(data))
    reading = asked.reading(data, getattr(data, "labels", None), about=ROW_COLUMNS if is_train else (WEIGHT,))
    location = data.train if isinstance(given, float) else given
    source = open_source(location, base, reading.format, reading.where).told(observer.note)
    columns = reading.rules.bind(source.name, source.reader.columns())
    shower = _Shower(source, columns, reading, preparer)
    wanted = list(dict.fromkeys(shower.named.values()))
    rows = islice(source.rows(wanted, columns.texts.values()), count)
    read = {*wanted, *reading.rules.chosen_by}
    ignored = [name for name in source.reader.columns() if name not in read]
    return FirstRows(source.name, shower.named, ignored, [shower.shown(row) for row in rows])


def _about_rows(source: Source, reading: Reading) -> dict[str, str]:
    """Return the file's names of the columns about rows; raises DataError if one is missing."""
    found = source.reader.columns()
    for own, column in reading.rules.about_rows.items():
        if column not in found:
            raise DataError(f"{source.name}: {absent(own, column, found)}")
    return reading.rules.about_rows


class _Shower:
    """Shows the rows of one source."""

    def __init__(self, source: Source, columns: Columns, reading: Reading, preparer: Preparer) -> None:
        target = dict([columns.target]) if columns.target else {}
        self.named = {**columns.texts, **target, **_about_rows(source, reading)}
        self._source, self._columns, self._preparer = source, columns, preparer
        self._collector = None if preparer.reads_targets else reading.collector()
        self._encoder = preparer.example_encoder(reading.rules)

    def shown(self, row: Row) -> ShownRow:
        """Return a row with its tokens, or with the reason why it is bad."""
        values = {own: row.values.get(column) for own, column in self.named.items()}
        problem = row.problem or self._problem_of_target(row)
        dataset, found = None, ""
        if problem is None and self._encoder is not None:
            dataset, problems = self._encoder.encode(self._source, [row], self._columns)
            found = problems.get(row.number, "")
        tokens = {} if dataset is None else self._preparer.tokens(dataset)
        reason = problem or found.partition(f"row {row.number}: ")[2] or None
        return ShownRow(place(self._source.name, row), values, tokens, self._cut(dataset, values), reason)

    def _problem_of_target(self, row: Row) -> str | None:
        try:
            if self._collector is not None and self._columns.target is not None:
                self._collector.add(target_of(row.values, *self._columns.target))
        except ValueError as error:
            return str(error)
        return None

    def _cut(self, dataset: Dataset | None, values: Mapping[str, Any]) -> str | None:
        if dataset is None or not getattr(dataset, "truncated", 0):
            return None
        texts = [text for own in self._columns.texts for text in _texts(values[own])]
        return f"to max_length; the whole has {self._preparer.token_count(texts)} tokens without special ones"


def _texts(value: object) -> list[str]:
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]

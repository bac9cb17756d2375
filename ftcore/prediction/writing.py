"""Writes predictions as JSON lines or CSV, chunk by chunk, to a new file or a stream."""

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, get_args

from ftcore.data import TOKENS, half_of_a_pair
from ftcore.errors import DataError, SpecError
from ftcore.files import replacing
from ftcore.formats import OutputFormat
from ftcore.observer import RowsDone, nobody
from ftcore.prediction.predicting import ERROR

Chunks = Iterable[list[dict[str, Any]]]
"""Predictions of rows, in order."""
SEPARATORS = {"labels": "|"}
"""The separators of lists in CSV fields, if they are not spaces; the same as in data files."""
OBJECTS = {"arguments"}
"""The fields that hold lists of objects, which may be empty."""
ENDINGS: dict[str, OutputFormat] = {f".{known}": known for known in get_args(OutputFormat)}
"""The format for each file ending."""
UNREAD = "_"
"""Stands for the missing tag of a word that the network did not read."""


def format_of(path: Path) -> OutputFormat:
    """Return the format for a file's ending.

    Raises:
        SpecError: the ending is not known.
    """
    found = ENDINGS.get(path.suffix.lower())
    if found is None:
        known = " or ".join(ENDINGS)
        raise SpecError(f"{path}: the ending {path.suffix!r} is not known: predictions are written to {known}")
    return found


def write_file(predictions: Chunks, path: Path, output: "Output") -> None:
    """Write predictions to a file; a failed write leaves no file."""
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        write_stream(predictions, stream, output)


@dataclass(frozen=True)
class Output:
    """How predictions are written.

    Attributes:
        format: "jsonl" or "csv".
        keep: input columns that each row has; CSV writes them unchanged.
        errors: whether a row may have `error` in place of a prediction.
        progress: called with the number of rows written, chunk by chunk.
    """

    format: OutputFormat = "jsonl"
    keep: Sequence[str] = ()
    errors: bool = False
    progress: RowsDone = nobody


def write_stream(predictions: Chunks, stream: TextIO, output: Output) -> None:
    """Write predictions as they arrive, one list of rows at a time."""
    writer = _JsonLines(stream) if output.format == "jsonl" else _Csv(stream, output)
    for chunk in predictions:
        writer.write(chunk)
        stream.flush()
        output.progress(len(chunk))
    writer.finish()


class _JsonLines:
    """Writes one object per line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, chunk: list[dict[str, Any]]) -> None:
        self._stream.writelines(f"{_json(row)}\n" for row in chunk)

    def finish(self) -> None:
        pass


def _json(value: object) -> str:
    """Return a value as JSON; if it contains half of a surrogate pair, all non-ASCII characters are escaped."""
    try:
        line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return _json(_without_nan(value))
    return line if half_of_a_pair(line) is None else json.dumps(value)


def _without_nan(value: object) -> object:
    """Return a value with null for NaN, which stands for a missing number in the formats that have it.

    Raises:
        DataError: a number is infinite, which JSON does not have.
    """
    if isinstance(value, dict):
        return {name: _without_nan(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_nan(part) for part in value]
    if isinstance(value, float) and math.isinf(value):
        raise DataError(f"keep: {value} is no number of JSON: write .csv, or keep other columns")
    return None if isinstance(value, float) and math.isnan(value) else value


class _Csv:
    """Writes a header and one record per row; the first prediction determines the header, and rows before it wait."""

    def __init__(self, stream: TextIO, output: Output) -> None:
        self._stream = stream
        self._output = output
        self._waiting: list[dict[str, Any]] = []
        self._writer: csv.DictWriter[str] | None = None

    def write(self, chunk: list[dict[str, Any]]) -> None:
        self._waiting += [self._record(row) for row in chunk]
        first = next((record for record in self._waiting if ERROR not in record), None)
        if self._writer is None and first is not None:
            self._begin(first)
        if self._writer is not None:
            self._writer.writerows(self._waiting)
            self._waiting = []

    def finish(self) -> None:
        """Write the rows that still wait because no row was good."""
        if self._waiting:
            self._begin(dict.fromkeys(self._output.keep)).writerows(self._waiting)

    def _begin(self, fields: Iterable[str]) -> "csv.DictWriter[str]":
        self._writer = csv.DictWriter(self._stream, [*fields, *([ERROR] if self._output.errors else [])])
        self._writer.writeheader()
        return self._writer

    def _record(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row's fields; those of nested objects get names such as "scores.LABEL"."""
        record: dict[str, Any] = {}
        for name, value in row.items():
            if name in self._output.keep or name == TOKENS:
                record[name] = _as_given(value)
            elif isinstance(value, dict):
                record |= {f"{name}.{key}": _field(name, part) for key, part in value.items()}
            else:
                record[name] = _field(name, value)
        return record


def _as_given(value: object) -> object:
    """Return an input value, with lists and objects as JSON, and halves of surrogate pairs escaped as in JSON."""
    if isinstance(value, list | dict):
        return _json(value)
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value


def _field(name: str, value: object) -> object:
    """Return a prediction's value, with lists of plain values joined, and other lists and objects as JSON."""
    if not isinstance(value, list) or name in OBJECTS or any(isinstance(part, list | dict) for part in value):
        return _as_given(value)
    separator = SEPARATORS.get(name, " ")
    parts = [UNREAD if part is None else str(part) for part in value]
    for part in parts:
        if separator in part:
            raise DataError(f"{name}: {part!r} contains {separator!r}, which separates {name} in CSV: write .jsonl")
    return separator.join(parts)

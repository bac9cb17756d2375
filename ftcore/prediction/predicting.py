"""Predicts rows chunk by chunk, in their order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ftcore.data import Dataset, Row, RowEncoder, Source, TableFormat, open_rows
from ftcore.errors import SpecError
from ftcore.formats import OnBadRow, StreamFormat
from ftcore.observer import Notify, unheard
from ftcore.prediction.chunks import Chunk, StoredInputs, read_chunks, rows_named, stored_chunks

ERROR = "error"
"""The field of a row that could not be predicted, with the reason; it takes the place of the prediction."""
Prediction = dict[str, Any]
"""The prediction for a row, as a JSON object."""


@dataclass(frozen=True)
class Predictor:
    """A model that predicts rows.

    Attributes:
        predict: returns the predictions of examples, given also their rows.
        reads: the encoder of rows, or how whole files are read.
        format: how the rows of files are read.
        notify: called with messages for the user.
    """

    predict: Callable[[Dataset, Sequence[Row]], list[Prediction]]
    reads: RowEncoder | StoredInputs
    format: TableFormat = field(default_factory=TableFormat)
    notify: Notify = unheard


def predictions_of_data(
    predictor: Predictor, location: str, stream_format: StreamFormat, keep: Sequence[str], on_bad_row: OnBadRow
) -> Iterator[list[Prediction]]:
    """Predict the rows of a file, of other stored data, or of standard input.

    Args:
        predictor: the model.
        location: the location of the data, or "-".
        stream_format: the format of standard input.
        keep: input columns to copy to the predictions.
        on_bad_row: "stop", or "skip", which gives the row `error` in place of a prediction.

    Yields:
        The predictions of consecutive rows, one per row.

    Raises:
        DataError: the data is wrong, or a row is and `on_bad_row` is "stop".
        NotFiniteError: the network's outputs for a row are not finite.
    """
    if isinstance(predictor.reads, RowEncoder):
        source = open_rows(location, Path.cwd(), stream_format, predictor.format).told(predictor.notify)
        return predictions_of_source(predictor, source, keep, on_bad_row)
    if on_bad_row == "skip":
        raise SpecError("on_bad_row: skip works only for texts: remove bad rows from the data")
    return _predictions(
        predictor, stored_chunks(location, stream_format, predictor.reads, keep, predictor.notify), keep
    )


def predictions_of_source(
    predictor: Predictor, source: Source, keep: Sequence[str], on_bad_row: OnBadRow
) -> Iterator[list[Prediction]]:
    """Predict rows; see `predictions_of_data`.

    Raises:
        SpecError: the model reads images or arrays.
    """
    if not isinstance(predictor.reads, RowEncoder):
        raise SpecError("the model reads images or arrays, not rows: give predict a file")
    return _predictions(predictor, read_chunks(source, predictor.reads, keep, on_bad_row), keep)


def _predictions(predictor: Predictor, chunks: Iterator[Chunk], keep: Sequence[str]) -> Iterator[list[Prediction]]:
    for chunk in chunks:
        good = [row for row in chunk.rows if row.number not in chunk.problems]
        found = iter([] if chunk.dataset is None else _predicted(predictor, chunk.name, good, chunk.dataset))
        said = [
            {ERROR: chunk.problems[row.number]} if row.number in chunk.problems else next(found) for row in chunk.rows
        ]
        yield [_beside(row, keep, prediction) for row, prediction in zip(chunk.rows, said, strict=True)]


def _predicted(predictor: Predictor, name: str, rows: Sequence[Row], dataset: Dataset) -> list[Prediction]:
    with rows_named(name, rows, dataset):
        return predictor.predict(dataset, rows)


def _beside(row: Row, keep: Sequence[str], prediction: Prediction) -> Prediction:
    for column in keep:
        if column in prediction or column == ERROR:
            raise SpecError(f"keep: {column!r} is also a field of predictions: rename the column to keep it")
    return {**{column: row.values.get(column) for column in keep}, **prediction}

"""What a fine-tuned model says of rows, chunk by chunk, in their order."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ftcore.data.columns import ColumnRules
from ftcore.data.formats import OnBadRow, StreamFormat
from ftcore.data.readers.base import Row
from ftcore.data.sources import Source
from ftcore.data.streams import open_rows
from ftcore.data.tokenising import Reading
from ftcore.data.tokenizer import Tokenizer
from ftcore.errors import SpecError
from ftcore.loop.evaluation import logits_of
from ftcore.prediction.chunks import Chunk, Inputs, stored_chunks, text_chunks
from ftcore.tasks.forms import TOKENS
from ftcore.trained import Trained

ERROR = "error"
"""What a row has that could not be predicted: the reason, and nothing of a prediction."""


def predictions_of_data(
    trained: Trained, location: str, stream_format: StreamFormat, keep: Sequence[str], on_bad_row: OnBadRow
) -> Iterator[list[dict[str, Any]]]:
    """Predict the rows of a file, of other stored data, or of standard input.

    Args:
        trained: the model.
        location: of the data, or "-".
        stream_format: of standard input.
        keep: columns that come along.
        on_bad_row: "stop", or "skip": the row then has `error` in place of a prediction.

    Yields:
        The predictions of rows that follow each other, one a row.

    Raises:
        DataError: the data or, unless it is skipped, a row is wrong.
    """
    if isinstance(trained.preparer, Tokenizer):
        return predictions_of_source(trained, open_rows(location, Path.cwd(), stream_format), keep, on_bad_row)
    if on_bad_row == "skip":
        raise SpecError("on_bad_row: skip is for predictions of texts; leave bad images or arrays out of the data")
    description = trained.description
    inputs = Inputs(description.get("columns", {}), description["pair"], trained.preparer, trained.task.forms)
    return _predictions(trained, stored_chunks(location, stream_format, inputs, keep), keep)


def predictions_of_source(
    trained: Trained, source: Source, keep: Sequence[str], on_bad_row: OnBadRow
) -> Iterator[list[dict[str, Any]]]:
    """Predict rows of texts or words; see `predictions_of_data`."""
    if not isinstance(trained.preparer, Tokenizer):
        raise SpecError(f"a model of {trained.task.name} reads files, not rows")
    columns = trained.description.get("columns", {})
    rules = ColumnRules(columns, trained.description["pair"], None, trained.task.forms)
    reading = Reading(rules, task=None, labels=None, on_bad_row=on_bad_row)
    return _predictions(trained, text_chunks(source, reading, trained.preparer, keep), keep)


def _predictions(trained: Trained, chunks: Iterator[Chunk], keep: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    for chunk in chunks:
        good = iter(_of_good_rows(trained, chunk))
        found = [
            {ERROR: chunk.problems[row.number]} if row.number in chunk.problems else next(good) for row in chunk.rows
        ]
        yield [_beside(row, keep, prediction) for row, prediction in zip(chunk.rows, found, strict=True)]


def _of_good_rows(trained: Trained, chunk: Chunk) -> list[dict[str, Any]]:
    """Return the predictions of a chunk's good rows; those of words beside their tokens."""
    if chunk.dataset is None:
        return []
    found = trained.task.predictions(logits_of(trained.learner, chunk.dataset), trained.labels)
    if trained.task.unit != "token":
        return found
    column = trained.description.get("columns", {}).get(TOKENS, TOKENS)
    good = (row for row in chunk.rows if row.number not in chunk.problems)
    return [{TOKENS: row.values[column], **one} for row, one in zip(good, found, strict=True)]


def _beside(row: Row, keep: Sequence[str], prediction: dict[str, Any]) -> dict[str, Any]:
    for column in keep:
        if column in prediction:
            raise SpecError(f"keep: {column!r} is a name that predictions have: rename the column to keep it")
    return {**{column: row.values.get(column) for column in keep}, **prediction}

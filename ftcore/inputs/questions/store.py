"""Stores questions with contexts on disk: windows of tokens, and each row's record for evaluation."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ftcore.data import Collected, ExampleWriter, StoredFile, open_folder, text_hash
from ftcore.inputs.questions.rows import QuestionRow
from ftcore.inputs.questions.windows import Window
from ftcore.inputs.tokens import TokenArrays

DTYPES = {
    "ids": np.int32,
    "type_ids": np.uint8,
    "starts": np.int64,
    "hashes": np.uint64,
    "truncated": np.bool_,
    "offsets": np.int32,
    "rows": np.int64,
    "answered": np.bool_,
    "records": np.uint8,
    "record_starts": np.int64,
}


class Record(NamedTuple):
    """Context and correct answers of a row, for evaluation and predictions.

    Attributes:
        context: text that contains the answers.
        answers: texts of the correct answers; [] if the context has none.
    """

    context: str
    answers: list[str]


@dataclass(frozen=True)
class QuestionArrays:
    """The windows of a stored split.

    Attributes:
        tokens: tokens of the windows; targets are int32 [windows, 2], the answer's first and last token in each.
        offsets: int32 [tokens, 2], where each token begins and ends in its context; -1 for tokens outside it.
        rows: int64 [windows], the index of each window's row, from 0, ascending.
        answered: bool [rows], whether each row's context has an answer.
        records: uint8 [bytes], each row's record as JSON in UTF-8.
        record_starts: int64 [rows + 1], where each record begins.
    """

    tokens: TokenArrays
    offsets: np.ndarray
    rows: np.ndarray
    answered: np.ndarray
    records: np.ndarray
    record_starts: np.ndarray

    def record(self, row: int) -> Record:
        """Return the record of a row."""
        start, end = self.record_starts[row : row + 2]
        return Record(*json.loads(bytes(self.records[start:end])))


def open_stored(folder: Path) -> StoredFile[QuestionArrays]:
    """Map a folder that `QuestionWriter` filled.

    Raises:
        OSError, EOFError, ValueError, KeyError: the folder is incomplete.
    """
    found = open_folder(folder, DTYPES)
    given: dict[str, Any] = dict(found.arrays)
    own = {name: given.pop(name) for name in ("offsets", "rows", "answered", "records", "record_starts")}
    own["offsets"] = own["offsets"].reshape(-1, 2)
    return found.of(QuestionArrays(TokenArrays(**given, targets=found.targets, sequences=1), **own))


class QuestionWriter(ExampleWriter):
    """Writes a folder that `open_stored` reads."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, DTYPES, starts=("starts", "record_starts"))
        self._answers: list[tuple[int, int]] = []
        self._rows = 0

    def add(self, row: QuestionRow, windows: Sequence[Window]) -> None:
        """Append the windows of a row."""
        append, size = self._folder.append, self._folder.size
        own = text_hash((row.question, row.context))
        for number, window in enumerate(windows):
            append("ids", window.ids)
            append("type_ids", window.type_ids)
            append("starts", [size("ids")])
            append("offsets", window.offsets)
            # Two windows of one context are not duplicates of each other.
            append("hashes", [(own + number) % 2**64])
            append("truncated", [False])
            append("rows", [self._rows])
            self._answers.append(window.answer)
        append("answered", [bool(row.answers)])
        record = Record(row.context, [answer.text for answer in row.answers])
        append("records", np.frombuffer(json.dumps(record, ensure_ascii=False).encode(), np.uint8))
        append("record_starts", [size("records")])
        self.examples += len(windows)
        self._rows += 1

    def finish(self, form: Sequence[str], notes: Sequence[str] = ()) -> None:
        """Write the remaining files, which complete the folder."""
        answers = np.asarray(self._answers, np.int32).reshape(-1, 2)
        self._folder.finish(form, Collected([], answers, list(notes)))

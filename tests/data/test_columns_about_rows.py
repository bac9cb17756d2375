"""Columns about rows are read as the files' other columns: of several files, by their format, and of chosen rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from ftcore.data.prepare import PreparedData
from ftcore.errors import DataError
from ftcore.tasks import TASKS
from ftcore.text.tokenizer import Tokenizer
from tests.preparing import DataSpec, prepare

FORMAT = {"encoding": "cp1252", "delimiter": ";", "decimal": ",", "where": {"column": "language", "is": "de"}}
FRAME = pandas.DataFrame(
    {
        "text": [f"Satz für {number}" for number in range(8)],
        "label": ["a", "b"] * 4,
        "importance": [0.5, 1.25, 2.0, 3.0, 0.25, 1.5, 4.0, 1.0],
        "author": ["A", "A", "B", "B", "C", "C", "Ä", "Ä"],
        "language": ["de", "en", "de", "de", "de", "de", "de", "de"],
        "part": ["train", "train", "train", "train", "test", "validation", "train", "train"],
    }
)
CHOSEN = FRAME[FRAME["language"] == "de"]


def write(folder: Path, frame: pandas.DataFrame = FRAME) -> list[str]:
    for name, part in (("1.csv", frame[:3]), ("2.csv.gz", frame[3:])):
        part.to_csv(folder / name, sep=";", decimal=",", encoding="cp1252", index=False)
    return ["1.csv", "2.csv.gz"]


def read(
    folder: Path, tokenizer: Tokenizer, columns: dict[str, str], frame: pandas.DataFrame = FRAME, **fields: Any
) -> tuple[PreparedData, list[str]]:
    said: list[str] = []
    spec = DataSpec.model_validate({"train": write(folder, frame), "columns": columns, **FORMAT, **fields})
    return prepare(spec, TASKS["text-classification"], tokenizer, folder, 0, said.append), said


def test_weights_and_splits(tmp_path: Path, tokenizer: Tokenizer) -> None:
    data, _ = read(tmp_path, tokenizer, {"weight": "importance", "split_column": "part"})
    assert set(data.splits) == {"train", "validation", "test"}
    for split, dataset in data.splits.items():
        np.testing.assert_array_equal(dataset.weights, CHOSEN[CHOSEN["part"] == split]["importance"])


def test_groups_stay_together(tmp_path: Path, tokenizer: Tokenizer) -> None:
    data, _ = read(tmp_path, tokenizer, {"weight": "importance", "group": "author"}, validation=0.4)
    authors = [set(CHOSEN[CHOSEN["importance"].isin(split.weights)]["author"]) for split in data.splits.values()]
    assert not set.intersection(*authors)
    assert set.union(*authors) == {"A", "B", "C", "Ä"}


def test_a_wrong_weight_is_named_with_its_own_file(tmp_path: Path, tokenizer: Tokenizer) -> None:
    wrong = FRAME.assign(importance=[1.5] * 6 + [-1.5, 1.5])
    with pytest.raises(DataError, match=r"^2\.csv\.gz:5: row 7: column 'importance': the weight is '-1.5', but must"):
        read(tmp_path, tokenizer, {"weight": "importance"}, wrong)


def test_a_column_that_chooses_rows_is_not_unread(tmp_path: Path, tokenizer: Tokenizer) -> None:
    _, said = read(tmp_path, tokenizer, {"weight": "importance"})
    assert [note for note in said if "not read" in note] == ["1.csv, 2.csv.gz: columns that are not read: author, part"]

"""`ftcore data head`: the first rows as the network sees them, by the real command."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests import tiny

ROOT = Path(__file__).parents[2]
ROWS = 'id;message;queue\n1;"red dog\nbig; cat";colour\n2;;size\n3;red green blue big small old new dog cat;size\n'


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "train.csv").write_text(ROWS)
    data = {"train": "train.csv", "columns": {"text": "message", "label": "queue"}, "max_length": 8, "validation": 0.5}
    return tiny.write_task(tmp_path, data=data)


def test_columns_values_tokens_and_what_is_cut_or_bad(task: Path, ftcore: Any) -> None:
    answer = ftcore("data", "head", task)
    assert answer.code == 0
    assert "the delimiter is the semicolon" in answer.err
    assert answer.out.splitlines() == [
        "data      train.csv",
        "columns   text: message, label: queue",
        "ignored   id",
        "train.csv:2: row 1",
        "  text            red dog\\nbig; cat",
        "  label           colour",
        "  tokens          [CLS] red dog big [UNK] cat [SEP]",
        "train.csv:4: row 2",
        "  bad row         the text (column 'message') is empty",
        "train.csv:5: row 3",
        "  text            red green blue big small old new dog cat",
        "  label           size",
        "  tokens          [CLS] red green blue big small old [SEP]",
        "  cut             to max_length; the whole has 9 tokens without special ones",
    ]


def test_json_rows_and_splits(task: Path, ftcore: Any) -> None:
    answer = ftcore("data", "head", task, "--rows", 1, "--json", "--split", "validation")
    found = json.loads(answer.out)
    assert (found["columns"], found["ignored"]) == ({"text": "message", "label": "queue"}, ["id"])
    assert [row["values"] for row in found["rows"]] == [{"text": "red dog\nbig; cat", "label": "colour"}]
    answer = ftcore("data", "head", task, "--split", "test")
    assert (answer.code, answer.err) == (2, "error: data.test: is not given\n")


def test_a_label_that_is_not_in_the_spec_is_a_bad_row(task: Path, ftcore: Any) -> None:
    answer = ftcore("data", "head", task, "--set", "data.labels=[size, thing]", "--rows", 1)
    assert "  bad row         unknown label 'colour'" in answer.out


def test_columns_about_rows_are_read(task: Path, ftcore: Any) -> None:
    answer = ftcore("data", "head", task, "--set", "data.columns.weight=id", "--rows", 1)
    assert "columns   text: message, label: queue, weight: id\nignored   none\n" in answer.out
    assert "\n  weight          1\n" in answer.out
    answer = ftcore("data", "head", task, "--set", "data.columns.group=author")
    assert answer.code == 2
    assert answer.err.splitlines()[-1].startswith("error: train.csv: there is no column 'author'")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("token-classification", ['  tags            ["B-PERSON"', "  tokens          [CLS] maria lund"]),
        ("translation", ["  tokens          ", "  decoder_tokens  "]),
        ("question-answering", ["  answers         ", "  tokens          "]),
        ("series-classification", ["  x               [["]),
    ],
)
def test_other_tasks(name: str, shown: list[str], ftcore: Any) -> None:
    answer = ftcore("data", "head", ROOT / "examples" / f"{name}.yaml", "--rows", 1)
    assert answer.code == 0, answer.err
    assert [start for start in shown if not any(line.startswith(start) for line in answer.out.splitlines())] == []


@pytest.mark.parametrize("name", ["image-classification", "tensors"])
def test_arrays_have_no_rows(name: str, ftcore: Any) -> None:
    answer = ftcore("data", "head", ROOT / "examples" / f"{name}.yaml")
    assert (answer.code, answer.err) == (2, "error: data.train: holds arrays, which have no rows to show\n")

"""Rows of questions: the forms that answers may have, and what is said of those that are wrong."""

import json
from pathlib import Path
from typing import Any

import asked
import pytest
import yaml

from ftcore import library
from ftcore.data import Columns
from ftcore.errors import DataError, FtcoreError, SpecError
from ftcore.inputs.questions.rows import Answer, question_row
from tests import tiny

COLUMNS = Columns({"question": "question", "context": "context"}, ("answers", "answers"))
CONTEXT = "the red lamp is on the big desk"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "answers",
    [
        {"text": ["red lamp", "lamp"], "answer_start": [4, 8]},
        [{"text": "red lamp", "start": 4}, {"text": "lamp", "answer_start": 8}],
        '{"text": ["red lamp", "lamp"], "answer_start": [4, 8]}',
        '[{"text": "red lamp", "start": 4}, {"text": "lamp", "start": 8}]',
    ],
)
def test_answers_come_in_several_forms(answers: Any) -> None:
    row = question_row({"question": "what?", "context": CONTEXT, "answers": answers}, COLUMNS)
    assert row.answers == (Answer("red lamp", 4), Answer("lamp", 8))


@pytest.mark.parametrize("answers", [{"text": [], "answer_start": []}, [], "[]"])
def test_no_answer_is_an_empty_list(answers: Any) -> None:
    assert question_row({"question": "what?", "context": CONTEXT, "answers": answers}, COLUMNS).answers == ()


def one(text: Any, start: Any) -> dict[str, Any]:
    return {"answers": {"text": [text], "answer_start": [start]}}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "elsewhere": (
        one("lamp", 4),
        r"answers\[0\]: 'lamp' is said to start at 4, where 'red ' stands; the context has it at 8",
    ),
    "nowhere": (one("chair", 4), "'chair' is said to start at 4, where 'red l' stands; the context does not have it"),
    "beyond": (one("lamp", 400), "start at 400, where nothing stands; the context has it at 8"),
    "negative": (one("lamp", -4), "start at -4, where nothing stands; the context has it at 8"),
    "half": (one("desk again", 27), "start at 27, where 'desk' stands; the context does not have it"),
    "a start as text": (one("lamp", "8"), r"answers\[0\]: the start is not a whole number but '8'"),
    "a start of truth": (one("lamp", True), "the start is not a whole number but True"),
    "no text": (one("", 0), "the text is empty; an unanswerable question has an empty list of answers"),
    "a number": (one(7, 0), "the text is not a string but 7"),
    "uneven": (
        {"answers": {"text": ["lamp"], "answer_start": []}},
        "have 1 texts and 0 starts: give one start for each",
    ),
    "no starts": ({"answers": {"text": ["lamp"]}}, "answers.answer_start is missing"),
    "a list of texts": ({"answers": ["lamp"]}, r"answers\[0\] is not an object with text and start but 'lamp'"),
    "a text": ({"answers": "lamp"}, "the answers are text that is not .* as JSON: 'lamp'"),
    "null": ({"answers": None}, "the answers are missing: an unanswerable question has an empty list"),
    "no question": ({"question": " ", **one("lamp", 8)}, "the question is empty"),
    "no context": ({"context": 3, **one("lamp", 8)}, "the context is not a string but 3"),
    "a long question": ({"question": "red " * 40, **one("lamp", 8)}, "the question has 40 tokens, which leave none"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_bad_row_is_one_clear_error(case: str, tmp_path: Path) -> None:
    changes, message = WRONG[case]
    task = asked.write_task(tmp_path)
    row = {"question": "what", "context": CONTEXT, **changes}
    with (tmp_path / "train.jsonl").open("a") as stream:
        stream.write(json.dumps(row) + "\n")
    with pytest.raises(DataError, match=rf"^train.jsonl:61: row 61: .*{message}") as caught:
        library.run(task, backend="torch", output=tmp_path / "run")
    assert "\n" not in str(caught.value)


def test_bad_rows_can_be_left_out(tmp_path: Path) -> None:
    task = asked.write_task(tmp_path, data__on_bad_row="skip", training__epochs=1)
    with (tmp_path / "train.jsonl").open("a") as stream:
        stream.write(json.dumps({"question": "what", "context": CONTEXT, **one("lamp", 4)}) + "\n")
    run = library.run(task, backend="torch", output=tmp_path / "run")
    (rejected,) = (run.folder / "rejected.jsonl").read_text().splitlines()
    assert json.loads(rejected)["line"] == 61


SPECS: dict[str, tuple[dict[str, Any], str]] = {
    "stride": ({"data__stride": 20}, "data.stride: given 20, and max_length is 20: give a smaller one"),
    "negative stride": ({"data__stride": -1}, "data.stride"),
    "n_best": ({"data__n_best": 0}, "data.n_best"),
    "length": ({"data__max_length": 33}, "data.max_length: given 33, and the model has 32 positions: lower it"),
    "loss": ({"loss": "cross-entropy"}, "answer-span"),
    "pair": ({"data__pair": "separate"}, "data.pair"),
    "labels": ({"data__labels": ["a"]}, "data.labels"),
    "column": ({"data__columns": {"answers": "gold"}}, "there is no column 'gold'"),
}


@pytest.mark.parametrize("case", SPECS)
def test_a_wrong_spec_is_one_clear_error(case: str, tmp_path: Path) -> None:
    changes, message = SPECS[case]
    with pytest.raises(FtcoreError, match=message):
        library.run(asked.write_task(tmp_path, **changes), backend="torch", output=tmp_path / "run")


def test_the_stride_is_for_questions_alone(tmp_path: Path) -> None:
    task = tiny.write_task(tmp_path, data__stride=5)
    with pytest.raises(SpecError, match=r"data\.stride: .*question-answering"):
        library.run(task, backend="torch", output=tmp_path / "run")


def test_defaults_are_those_of_squad(tmp_path: Path) -> None:
    from ftcore.spec.reading import load_spec

    task = asked.write_task(tmp_path)
    spec = yaml.safe_load(task.read_text())
    del spec["data"]["max_length"], spec["data"]["stride"]
    task.write_text(yaml.safe_dump(spec))
    data = load_spec(task).data
    assert (data.max_length, data.stride, data.n_best, data.max_answer_length) == (384, 128, 20, 30)

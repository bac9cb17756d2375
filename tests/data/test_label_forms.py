"""Several labels per row in the forms that files have: one reading where it is clear, else an error that names both."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from data_files import write_jsonl
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import MultiLabelBinarizer

from ftcore.data.prepare import PreparedData
from ftcore.errors import DataError
from ftcore.spec import read_spec
from ftcore.targets.several_labels import SeveralLabels
from ftcore.tasks import TASKS
from ftcore.text.tokenizer import Tokenizer
from tests.preparing import DataSpec, prepare

SETS: list[list[str]] = [["food", "price"], ["food"], [], ["price", "service"], ["service", "food", "price"]]
NAMES = ["food", "price", "service"]
WANTED = MultiLabelBinarizer(classes=NAMES).fit_transform(SETS)


def read(folder: Path, tokenizer: Tokenizer, file: str, **fields: Any) -> tuple[PreparedData, list[str]]:
    said: list[str] = []
    spec = DataSpec(train=file, **fields)
    data = prepare(spec, TASKS["multi-label-classification"], tokenizer, folder, 0, said.append)
    return data, [note for note in said if not note.startswith(("train:", "test:"))]


def write(folder: Path, labels: Sequence[Any]) -> str:
    write_jsonl(folder / "a.jsonl", [{"text": f"text {row}", "labels": value} for row, value in enumerate(labels)])
    return "a.jsonl"


@pytest.mark.parametrize("writes", [json.dumps, repr, str, lambda names: json.dumps(names, indent=1)])
def test_lists_in_a_csv_are_lists(writes: Any, tmp_path: Path, tokenizer: Tokenizer) -> None:
    frame = pandas.DataFrame({"text": [f"text {row}" for row in range(len(SETS))], "labels": list(map(writes, SETS))})
    frame.to_csv(tmp_path / "a.csv", index=False)
    data, said = read(tmp_path, tokenizer, "a.csv")
    assert data.labels == NAMES
    np.testing.assert_array_equal(data.train.targets, WANTED)
    assert len(said) == 1
    assert said[0].startswith("a.csv: labels written as lists, such as")


def test_every_form_gives_the_same_targets(tmp_path: Path, tokenizer: Tokenizer) -> None:
    forms = {
        "lists": (SETS, {}),
        "bars": (["|".join(one) for one in SETS], {}),
        "commas": ([", ".join(one) for one in SETS], {"label_separator": ","}),
        "vectors": (WANTED.tolist(), {"labels": NAMES}),
        "booleans": (WANTED.astype(bool).tolist(), {"labels": NAMES}),
        "floats": (WANTED.astype(float).tolist(), {"labels": NAMES}),
        "vectors in text": ([" ".join(map(str, one)) for one in WANTED], {"labels": NAMES, "label_form": "indicators"}),
        "NumPy's text": (list(map(str, WANTED)), {"labels": NAMES, "label_form": "indicators"}),
        "vectors as lists in text": (list(map(str, WANTED.tolist())), {"labels": NAMES}),
    }
    for name, (labels, fields) in forms.items():
        data, _ = read(tmp_path, tokenizer, write(tmp_path, labels), **fields)
        assert data.labels == NAMES, name
        np.testing.assert_array_equal(data.train.targets, WANTED, err_msg=name)


def test_vectors_are_said_aloud(tmp_path: Path, tokenizer: Tokenizer) -> None:
    _, said = read(tmp_path, tokenizer, write(tmp_path, WANTED.tolist()), labels=NAMES)
    assert said == ["a.jsonl: labels are vectors of zeros and ones, for food, price, service"]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([[1, 0, 1]], r"a.jsonl:1: row 1: the labels \[1, 0, 1\] are a vector of zeros and ones: name its 3 labels"),
        ([[0, 0]], r"row 1: the labels \[0, 0\] are a vector of zeros and ones: name its 2 labels, in their order, in"),
        (["1|0|1"], r"the labels \[1, 0, 1\] are a vector of zeros and ones"),
        ([[1, 0], [0, 1]], r"a.jsonl: labels such as \[1, 0\] are the names 0 and 1, or vectors .* data.label_form"),
        ([[1], [0]], r"a.jsonl: labels such as \[1\] are the names 0 and 1, or vectors .* data.label_form"),
        ([["a", "b"], [1, 0, 1]], r"row 2: the labels \[1, 0, 1\] are a vector of zeros and ones, but other rows name"),
        (
            ["food, price"],
            r"a.jsonl: the labels 'food, price' are one label, or several with ',' between them: set ",
        ),
        (["food", "a; b"], r"'a; b' are one label, or several with ';' between them: set data.label_separator to ';'"),
        (["['a' 'b']"], r"row 1: the labels \"\['a' 'b'\]\" look like a list, but cannot be read as one"),
        (
            ["[misc]"],
            r"row 1: the labels '\[misc\]' look like a list, but cannot be read as one: .*label_separator",
        ),
        ([[True, "x"]], "the label 'x' is a text or a number, but other labels are true or false"),
    ],
)
def test_two_readings_are_an_error(labels: list[Any], message: str, tmp_path: Path, tokenizer: Tokenizer) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, tokenizer, write(tmp_path, labels))


def test_a_vector_of_another_length_than_the_labels(tmp_path: Path, tokenizer: Tokenizer) -> None:
    message = r"row 1: the labels \[1, 0, 1\] are a vector of 3 zeros and ones, but there are 2 labels: a, b"
    with pytest.raises(DataError, match=message):
        read(tmp_path, tokenizer, write(tmp_path, [[1, 0, 1]]), labels=["a", "b"])


@pytest.mark.parametrize(
    ("labels", "fields", "wanted"),
    [
        ([[0], [2, 3], [0, 1]], {}, ["0", "1", "2", "3"]),
        ([[0, 1], [1, 0], [1, 2]], {}, ["0", "1", "2"]),
        ([[1, 0], [0, 1]], {"label_form": "names"}, ["0", "1"]),
        (["Home, Garden", "Home, Garden|Toys"], {}, ["Home, Garden", "Toys"]),
        (["Home, Garden", "Toys"], {"label_separator": "|"}, ["Home, Garden", "Toys"]),
        (["Home, Garden", "Toys"], {"labels": ["Toys", "Home, Garden"]}, ["Toys", "Home, Garden"]),
        (["[misc]", "a"], {"label_separator": "|"}, ["[misc]", "a"]),
        ([["food, price"], ["a"]], {}, ["a", "food, price"]),
    ],
)
def test_names_that_look_like_something_else(
    labels: list[Any], fields: dict[str, Any], wanted: list[str], tmp_path: Path, tokenizer: Tokenizer
) -> None:
    data, _ = read(tmp_path, tokenizer, write(tmp_path, labels), **fields)
    assert data.labels == wanted


def test_the_other_files_of_a_run_have_the_same_form(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write(tmp_path, ["food, price", "food"])
    (tmp_path / "test.csv").write_text('text,labels\nx,"price, food"\n')
    data, _ = read(tmp_path, tokenizer, "a.jsonl", test="test.csv", label_separator=", ")
    assert data.test is not None
    assert data.test.targets.tolist() == [[1, 1]]


def collected(rows: list[list[int]], labels: list[str] | None) -> np.ndarray:
    collector = SeveralLabels().collector(labels)
    for row in rows:
        collector.add(row)
    return collector.finish()[1]


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(st.integers(0, 1), min_size=width, max_size=width), min_size=1, max_size=5)
    )
)
@settings(deadline=None)
def test_vectors_are_never_taken_for_names_without_a_word(rows: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="vector"):  # whichever row tells it, or none
        collected(rows, None)
    labels = [f"label {number}" for number in range(len(rows[0]))]
    np.testing.assert_array_equal(collected(rows, labels), rows)


def test_vectors_without_names_are_refused_in_the_spec() -> None:
    text = "task: multi-label-classification\nmodel: {pretrained: m}\ndata: {train: t.csv, label_form: indicators}\n"
    with pytest.raises(Exception, match=r"data.label_form: indicators need data.labels"):
        read_spec(text, "t.yaml")


def test_labels_of_one_kind_only(tmp_path: Path, tokenizer: Tokenizer) -> None:
    task, spec = TASKS["text-classification"], DataSpec(train="a.jsonl")
    for other in ("true", 1, "yes"):
        write_jsonl(tmp_path / "a.jsonl", [{"text": "x", "label": value} for value in (other, True)])
        with pytest.raises(DataError, match=r"row 2: the label True is true or false, but other labels are a text or"):
            prepare(spec, task, tokenizer, tmp_path, 0, lambda text: None)


def test_a_frame_of_booleans_or_whole_numbers_has_the_same_labels_in_every_file(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    for values, wanted in (([True, False, True], ["False", "True"]), ([10, 2, 10], ["2", "10"])):
        frame = pandas.DataFrame({"text": ["a", "b", "c"], "label": values})
        frame.to_csv(tmp_path / "a.csv", index=False)
        frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
        frame.to_parquet(tmp_path / "a.parquet")
        for file in ("a.csv", "a.jsonl", "a.parquet"):
            spec, task = DataSpec(train=file), TASKS["text-classification"]
            assert prepare(spec, task, tokenizer, tmp_path, 0, lambda text: None).labels == wanted, file


def test_labels_that_differ_in_case_are_said_aloud(tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = [{"text": "x", "label": label} for label in ("Food", "price", "food ", "food")]
    write_jsonl(tmp_path / "a.jsonl", rows)
    said: list[str] = []
    prepare(DataSpec(train="a.jsonl"), TASKS["text-classification"], tokenizer, tmp_path, 0, said.append)
    wanted = "a.jsonl: labels that differ only in case or spaces are different: 'Food' and 'food ' and 'food'"
    assert wanted in said


@pytest.mark.parametrize("label", ["['food', 'price']", '["a"]', "[1, 0, 1]", "[0 1]"])
def test_one_label_that_looks_like_several_is_said_aloud(label: str, tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "a.jsonl", [{"text": "x", "label": one} for one in (label, "[other]")])
    said: list[str] = []
    prepare(DataSpec(train="a.jsonl"), TASKS["text-classification"], tokenizer, tmp_path, 0, said.append)
    assert f"a.jsonl: a label that looks like a list of several is one label here: {label!r}" in said


def test_columns_that_are_not_read_are_named_once(tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = [{"id": 1, "title": "t", "text": "x", "label": label} for label in "ab"]
    write_jsonl(tmp_path / "a.jsonl", rows)
    write_jsonl(tmp_path / "b.jsonl", rows)
    for _ in range(2):  # also of a file that the cache has
        said: list[str] = []
        spec = DataSpec(train="a.jsonl", test="b.jsonl")
        prepare(spec, TASKS["text-classification"], tokenizer, tmp_path, 0, said.append)
        assert [note for note in said if "not read" in note] == ["a.jsonl: columns that are not read: id, title"]


def test_a_file_of_which_everything_is_read_has_no_such_note(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "a.conll").write_text("one\tX\tA\ntwo\tY\tB\n")
    said: list[str] = []
    prepare(DataSpec(train="a.conll"), TASKS["token-classification"], tokenizer, tmp_path, 0, said.append)
    assert [note for note in said if "not read" in note] == []

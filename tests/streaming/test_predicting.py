"""Predictions of files, of standard input and of rows: in order, in bounded memory, whole or not at all."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import heads
import pytest

import ftcore
from ftcore.cli import progress
from ftcore.cli.main import main
from ftcore.contract import discovery as backends
from ftcore.errors import DataError, RunError, SpecError
from ftcore.files import cache
from ftcore.prediction import chunks
from ftcore.prediction.writing import Output, write_stream
from tests import tiny

LABELS = ["good", "bad", "odd"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return heads.write_classifier(tmp_path_factory.mktemp("classifier"), LABELS)


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return heads.write_classifier(tmp_path_factory.mktemp("tagger"), ["O", "B-X", "I-X"], "TokenClassification")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))


def read_csv(path: str) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Call = Callable[..., Answer]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Call the command line, in this process, with a text on standard input."""
    original = os.dup(0)

    def called(*arguments: object, given: str = "") -> Answer:
        read, write = os.pipe()
        os.write(write, given.encode())
        os.close(write)
        os.dup2(read, 0)
        os.close(read)
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        return Answer(code, *capfd.readouterr())

    yield called
    os.dup2(original, 0)
    os.close(original)


@pytest.mark.slow
@pytest.mark.parametrize("name", backends.names())
def test_chunks_change_nothing_and_keep_the_order(name: str, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = heads.rows(50)
    Path("a.jsonl").write_text(heads.json_lines(given))
    whole = ftcore.predict(model, "a.jsonl", backend=name)
    monkeypatch.setattr(chunks, "CHUNK", 7)
    parts = list(ftcore.predict_rows(model, given, backend=name, keep=["id"]))
    assert [row.pop("id") for row in parts] == [row["id"] for row in given]
    assert [row["label"] for row in parts] == [row["label"] for row in whole]
    for one, other in zip(parts, whole, strict=True):
        assert one["scores"] == pytest.approx(other["scores"], abs=1e-6)
    assert len({row["label"] for row in whole}) > 1
    assert len({row["scores"]["good"] for row in whole}) > 40


def test_progress_is_told_where_a_list_is_returned(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 4)
    Path("a.jsonl").write_text(heads.json_lines(heads.rows(9)))
    done: list[int] = []
    ftcore.predict(model, "a.jsonl", backend="torch", progress=done.append)
    assert done == [4, 4, 1]


def test_an_empty_list_of_objects_is_json_in_csv() -> None:
    rows = [{"predicate": "is", "arguments": [], "tags": ["O"]}, {"predicate": "is", "arguments": [{}], "tags": ["O"]}]
    stream = io.StringIO()
    write_stream([rows], stream, Output("csv"))
    assert [row["arguments"] for row in csv.DictReader(io.StringIO(stream.getvalue()))] == ["[]", "[{}]"]


def test_half_a_surrogate_pair_in_a_kept_column_comes_out_as_it_came_in(model: Path) -> None:
    Path("a.jsonl").write_text('{"id": "x\\ud83d", "text": "red dog"}\n')
    for output in ("out.jsonl", "out.csv"):
        ftcore.predict(model, "a.jsonl", backend="torch", output=output, keep=["id"])
    assert json.loads(Path("out.jsonl").read_text())["id"] == "x\ud83d"
    assert read_csv("out.csv")[0]["id"] == "x\\ud83d"


def test_nothing_is_cached(model: Path) -> None:
    Path("a.jsonl").write_text(heads.json_lines(heads.rows(9)))
    ftcore.predict(model, "a.jsonl", backend="torch")
    assert not cache.cache_folder().exists()


def test_rows_are_read_as_they_are_asked_for(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless stream is predicted, and no more of it is read than a chunk beyond what was asked for."""
    taken = 0

    def endless() -> Iterator[dict[str, object]]:
        nonlocal taken
        while True:
            taken += 1
            yield {"text": tiny.text(taken)}

    monkeypatch.setattr(chunks, "CHUNK", 80)
    found = ftcore.predict_rows(model, endless(), backend="torch")
    for _ in range(170):
        next(found)
    assert taken == 240


def test_kept_columns_come_along_in_every_format(model: Path) -> None:
    given = [{"id": 3, "about": {"a": [1]}, "text": "red dog"}, {"id": 4, "text": "cold river"}]
    Path("a.jsonl").write_text(heads.json_lines(given))
    for output in ("out.jsonl", "out.csv"):
        ftcore.predict(model, "a.jsonl", backend="torch", output=output, keep=["id", "about"])
    lines = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [list(line) for line in lines] == [["id", "about", "label", "scores"]] * 2
    assert [(line["id"], line["about"]) for line in lines] == [(3, {"a": [1]}), (4, None)]
    records = read_csv("out.csv")
    assert list(records[0]) == ["id", "about", "label", *(f"scores.{label}" for label in LABELS)]
    assert [(record["id"], record["about"]) for record in records] == [("3", '{"a": [1]}'), ("4", "")]
    for record, line in zip(records, lines, strict=True):
        assert record["label"] == line["label"]
        assert {label: float(record[f"scores.{label}"]) for label in LABELS} == line["scores"]


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ("idd", "a.jsonl: there is no column 'idd' to keep (did you mean id?); its columns are id, text, label, error"),
        ("error", "keep: 'error' is also a field of predictions: rename the column to keep it"),
        ("label", "keep: 'label' is also a field of predictions: rename the column to keep it"),
    ],
)
def test_a_column_that_cannot_be_kept(keep: str, message: str, model: Path) -> None:
    Path("a.jsonl").write_text(heads.json_lines([{"id": 1, "text": "red dog", "label": "good", "error": ""}]))
    with pytest.raises((DataError, SpecError)) as caught:
        ftcore.predict(model, "a.jsonl", backend="torch", keep=[keep], output="out.csv")
    assert str(caught.value) == message
    assert not Path("out.csv").exists()


@pytest.mark.parametrize("output", ["out.jsonl", "out.csv"])
def test_a_bad_row_stops_and_nothing_is_left(output: str, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    given = heads.json_lines([{"text": "red dog"}] * 5) + '\n{"text": 3}\n'
    Path("a.jsonl").write_text(given)
    with pytest.raises(DataError, match=r"a.jsonl:7: row 6: the text is not a string but 3"):
        ftcore.predict(model, "a.jsonl", backend="torch", output=output)
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["a.jsonl"]


def test_a_skipped_row_keeps_its_place(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    good = '{"id": "x", "text": "red dog"}\n'
    Path("a.jsonl").write_text('{"id": "y", "text": ""}\n[]\n' + good + "{\n" + good * 3)
    for output in ("out.jsonl", "out.csv"):
        ftcore.predict(model, "a.jsonl", backend="torch", output=output, keep=["id"], on_bad_row="skip")
    lines = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert ["error" in line for line in lines] == [True, True, False, True, False, False, False]
    assert lines[0] == {"id": "y", "error": "a.jsonl:1: row 1: the text is empty"}
    assert lines[3] == {
        "id": None,
        "error": "a.jsonl:4: row 4: invalid JSON: Expecting property name enclosed in double quotes at column 2",
    }
    records = read_csv("out.csv")
    assert [record["error"] for record in records] == [line.get("error", "") for line in lines]
    assert [record["label"] for record in records] == [line.get("label", "") for line in lines]


def test_rows_that_are_all_bad(model: Path) -> None:
    Path("a.jsonl").write_text('{"id": 1, "text": ""}\n{"id": 2, "text": " "}\n')
    ftcore.predict(model, "a.jsonl", backend="torch", output="out.csv", keep=["id"], on_bad_row="skip")
    assert [record["id"] for record in read_csv("out.csv")] == ["1", "2"]
    assert all("the text is empty" in record["error"] for record in read_csv("out.csv"))


def test_an_output_is_never_overwritten_and_its_ending_is_known(model: Path) -> None:
    Path("a.jsonl").write_text(heads.json_lines(heads.rows(2)))
    Path("out.csv").write_text("mine")
    with pytest.raises(RunError, match=r"out.csv exists"):
        ftcore.predict(model, "a.jsonl", backend="torch", output="out.csv")
    assert Path("out.csv").read_text() == "mine"
    with pytest.raises(SpecError, match=r"out.txt: the ending '.txt' is not known: .* to .jsonl or .csv"):
        ftcore.predict(model, "a.jsonl", backend="torch", output="out.txt")


def test_tags_and_numbers_in_csv(tagger: Path, tmp_path: Path) -> None:
    sentences = [{"tokens": ["red", "dog"]}, {"tokens": ["old", "\u0007", "cold"], "tags": ["O", "O", "O"]}]
    Path("a.jsonl").write_text(heads.json_lines(sentences))
    given = ftcore.predict(tagger, "a.jsonl", backend="torch")
    assert isinstance(given, list)
    ftcore.predict(tagger, "a.jsonl", backend="torch", output="tags.csv")
    for record, row, sentence in zip(read_csv("tags.csv"), given, sentences, strict=True):
        assert list(record) == ["tokens", "tags", "scores"]
        assert json.loads(record["tokens"]) == row["tokens"] == sentence["tokens"]
        assert record["tags"].split(" ") == [tag or "_" for tag in row["tags"]]
        assert len(record["scores"].split(" ")) == len(sentence["tokens"])
    number = heads.write_classifier(tmp_path / "number", ["number"])
    Path("b.csv").write_text("text\nred dog\ncold river\n")
    wanted = ftcore.predict(number, "b.csv", backend="torch")
    ftcore.predict(number, "b.csv", backend="torch", output="numbers.csv")
    assert [{"label": float(record["label"])} for record in read_csv("numbers.csv")] == wanted


@pytest.mark.parametrize("predict", [ftcore.predict, ftcore.predict_rows])
def test_an_unknown_way_with_bad_rows_is_refused(predict: Any) -> None:
    with pytest.raises(DataError, match="on_bad_row is 'Skip'; allowed: stop, skip"):
        predict("no model", "no data", on_bad_row="Skip")


def test_several_labels_in_csv(tmp_path: Path) -> None:
    problem = "multi_label_classification"
    model = heads.write_classifier(tmp_path / "many", LABELS, problem_type=problem)
    Path("a.jsonl").write_text(heads.json_lines(heads.rows(30)))
    given = ftcore.predict(model, "a.jsonl", backend="torch")
    ftcore.predict(model, "a.jsonl", backend="torch", output="out.csv")
    assert [record["labels"] for record in read_csv("out.csv")] == ["|".join(row["labels"]) for row in given]
    assert max(len(row["labels"]) for row in given) > 1


def test_streams_through_the_command(model: Path, call: Call) -> None:
    given = heads.rows(5)
    lines = call("predict", model, "--data", "-", "--backend", "torch", "--keep", "id", given=heads.json_lines(given))
    assert lines.code == 0, lines.err
    found = [json.loads(line) for line in lines.out.splitlines()]
    assert [row["id"] for row in found] == [row["id"] for row in given]
    assert lines.err.splitlines()[-1].startswith("5 rows, ")
    table = "id,text\n" + "".join(f'{row["id"]},"{row["text"]}"\n' for row in given)
    options = ("--input-format", "csv", "--output-format", "csv", "--keep", "id", "--backend", "torch")
    records = call("predict", model, "--data", "-", *options, given=table)
    assert records.code == 0, records.err
    read = list(csv.DictReader(records.out.splitlines()))
    assert [row["id"] for row in read] == [row["id"] for row in given]
    assert [row["label"] for row in read] == [row["label"] for row in found]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "error: standard input: is empty"),
        ('{"text": "red"}\n{"text": 3}\n', "error: standard input:2: row 2: the text is not a string but 3"),
    ],
)
def test_mistakes_on_streams_are_one_line(given: str, message: str, model: Path, call: Call) -> None:
    done = call("predict", model, "--data", "-", "--backend", "torch", given=given)
    assert done.code == 2
    assert done.err.splitlines()[-1] == message


def test_evaluate_counts_its_rows(model: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SILENCE", -1.0)
    Path("a.jsonl").write_text(heads.json_lines([{**row, "label": "odd"} for row in heads.rows(40)]))
    done = call("evaluate", model, "--data", "a.jsonl", "--backend", "torch", "--json")
    again = call("evaluate", model, "--data", "-", "--backend", "torch", "--json", given=Path("a.jsonl").read_text())
    assert again.out == done.out
    counts = [line.split(" rows, ")[0] for line in done.err.splitlines() if line.endswith("rows/s")]
    assert counts[-1] == "40"
    predicted = ftcore.predict(model, "a.jsonl", backend="torch")
    assert isinstance(predicted, list)
    share = sum(row["label"] == "odd" for row in predicted) / 40
    assert json.loads(done.out)["accuracy"] == pytest.approx(share)
    assert 0 < share < 1


@pytest.mark.slow
def test_a_reader_that_leaves_ends_it_quietly(model: Path) -> None:
    Path("a.jsonl").write_text(heads.json_lines(heads.rows(20_000)))
    command = [sys.executable, "-m", "ftcore", "predict", str(model), "--data", "a.jsonl", "--backend", "torch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        json.loads(process.stdout.readline())
        process.stdout.close()
        assert process.stderr.read().decode() == ""
    assert process.returncode == 1


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(model: Path) -> None:
    """Four times the rows need a few megabytes more; the rows themselves would be 100 MB."""
    probe = """
import resource, sys, ftcore
for count in (8000, 32000):
    rows = ({"text": "red dog", "filler": "x" * 4000 + str(number)} for number in range(count))
    assert sum(1 for _ in ftcore.predict_rows(sys.argv[1], rows, backend="torch")) == count
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
    done = subprocess.run([sys.executable, "-c", probe, str(model)], capture_output=True, check=True)
    first, second = map(int, done.stdout.split())
    assert second - first < 30

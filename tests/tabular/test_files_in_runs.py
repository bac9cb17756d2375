"""Files of unusual form from training to prediction: what the spec tells carries over to evaluate and predict."""

import json
from pathlib import Path
from typing import Any

import pandas
import pytest
import yaml

import ftcore
from ftcore.cli.main import main
from ftcore.errors import DataError, RunError, SpecError
from tests import tiny

ODD = {"delimiter": ";", "encoding": "cp1252", "header": False, "quoting": "none"}
BACKEND = "torch"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))


def write_odd(path: Path, count: int, labels: list[Any]) -> None:
    """Write rows "label;text" in cp1252, with bare quotes and no header."""
    lines = [f'{labels[number % len(labels)]};"{tiny.text(number)} né' for number in range(count)]
    path.write_bytes("\n".join(lines).encode("cp1252"))


def train(folder: Path, labels: list[Any], **changes: Any) -> ftcore.Run:
    for name, count in (("train.csv", 24), ("test.csv", 9)):
        write_odd(folder / name, count, labels)
    changes = {
        "data": {
            "max_length": 16,
            "train": "train.csv",
            "test": "test.csv",
            "columns": {"label": "1", "text": "2"},
            **ODD,
        },
        "training": {"max_steps": 2, "batch_size": 8},
        **changes,
    }
    return ftcore.run(tiny.write_task(folder, **changes), backend=BACKEND, output=folder / "run")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ftcore.Run:
    return train(tmp_path_factory.mktemp("odd"), ["a", "b"])


def test_the_description_has_what_the_spec_tells(run: ftcore.Run) -> None:
    described = json.loads((run.folder / "model" / "ftcore.json").read_text())
    assert {name: described[name] for name in ODD} == ODD


def test_evaluate_and_predict_read_as_training_did(run: ftcore.Run, tmp_path: Path) -> None:
    write_odd(tmp_path / "test.csv", 9, ["a", "b"])
    found = ftcore.evaluate(run.folder, "test.csv", BACKEND)
    assert found["loss"] == pytest.approx(run.metrics["test"]["loss"], abs=1e-6)
    predicted = ftcore.predict(run.folder, "test.csv", BACKEND, keep=["2"])
    assert [row["2"] for row in predicted] == [f'"{tiny.text(number)} né' for number in range(9)]


def test_another_form_is_given_by_read(run: ftcore.Run, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    given = [{"2": tiny.text(number), "1": "ab"[number % 2]} for number in range(9)]
    pandas.DataFrame(given).to_csv("new.csv", index=False, sep="|")
    read = ["--read", "delimiter=|", "--read", "encoding=utf-8", "--read", "header=true", "--read", "quoting=standard"]
    assert main(["predict", str(run.folder), "--data", "new.csv", *read, "--output", "out.jsonl", "--keep", "2"]) == 0
    rows = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [row["2"] for row in rows] == [row["2"] for row in given]
    assert main(["evaluate", str(run.folder), "--data", "new.csv", *read[:-2], "--read", "quoting=auto"]) == 0
    capfd.readouterr()
    assert main(["predict", str(run.folder), "--data", "new.csv", "--read", "delimiterr=|"]) == 2
    assert "error: delimiterr: files have no such field (did you mean delimiter?)" in capfd.readouterr().err


def test_what_is_decided_is_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    model = train(tmp_path, ["a", "b"]).folder / "model"
    described = json.loads((model / "ftcore.json").read_text())
    (model / "ftcore.json").write_text(
        json.dumps({name: value for name, value in described.items() if name not in ODD})
    )
    (tmp_path / "new.csv").write_bytes("2;1\nred;a\n".encode("utf-16"))
    for command in ("predict", "evaluate"):
        assert main([command, str(model), "--data", "new.csv"]) == 0
        said = capfd.readouterr().err
        assert "note: new.csv: read as UTF-16, by its byte-order mark" in said
        assert "note: new.csv: the delimiter is the semicolon, by the first lines" in said


def test_labels_have_one_name_in_every_format(tmp_path: Path) -> None:
    changes = {"data": {"max_length": 16, "train": "train.csv", "columns": {"label": "1", "text": "2"}, **ODD}}
    run = train(tmp_path, ["0.0", "1.0", "10.0", "2.0"], **changes)
    assert run.result["labels"] == ["0", "1", "2", "10"]
    frame = pandas.DataFrame({"2": ["red", "blue"], "1": [10.0, 0.0]})
    frame.to_parquet("new.parquet")
    frame.to_csv("new.csv", index=False, sep=";")
    by_parquet = ftcore.evaluate(run.folder, "new.parquet", BACKEND)
    assert ftcore.evaluate(run.folder, "new.csv", BACKEND, reading={"header": True}) == by_parquet


def test_a_resumed_run_keeps_its_labels(tmp_path: Path) -> None:
    changes = {"data": {"max_length": 16, "train": "train.csv", "columns": {"label": "1", "text": "2"}, **ODD}}
    run = train(tmp_path, ["0.0", "1.0", "10.0", "2.0"], **changes)
    path = run.folder / "environment.json"
    environment = json.loads(path.read_text())
    assert environment["labels"] == ["0", "1", "2", "10"]
    ftcore.run("task.yaml", BACKEND, run.folder, resume=True)
    for labels in (["0.0", "1.0", "10.0", "2.0"], None):
        changed = {name: value for name, value in environment.items() if name != "labels"}
        path.write_text(json.dumps(changed if labels is None else {**changed, "labels": labels}))
        with pytest.raises(RunError, match="the run began with the labels"):
            ftcore.run("task.yaml", BACKEND, run.folder, resume=True)


def test_where_chooses_rows_of_the_spec_and_not_of_other_files(tmp_path: Path) -> None:
    rows = [{"text": tiny.text(number), "label": "ab"[number % 2], "part": number % 3} for number in range(30)]
    pandas.DataFrame(rows).to_csv("train.csv", index=False)
    changes = {
        "data": {
            "max_length": 16,
            "train": "train.csv",
            "test": "train.csv",
            "where": {"column": "part", "is": [0, 1]},
        },
        "training": {"max_steps": 1, "batch_size": 8},
    }
    run = ftcore.run(tiny.write_task(tmp_path, **changes), backend=BACKEND, output="run")
    assert len(ftcore.predict(run.folder, "train.csv", BACKEND)) == 30
    chosen = pandas.DataFrame([row for row in rows if row["part"] < 2])
    chosen.to_csv("chosen.csv", index=False)
    wanted = ftcore.evaluate(run.folder, "chosen.csv", BACKEND)
    assert run.metrics["test"]["loss"] == pytest.approx(wanted["loss"], abs=1e-6)
    assert yaml.safe_load((run.folder / "spec.yaml").read_text())["data"]["where"] == [{"column": "part", "is": [0, 1]}]


def test_arrays_have_no_fields_of_files(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="unknown field in the task tensors"):
        ftcore.run(
            tiny.write_spec(
                tmp_path,
                {"task": "tensors", "model": {"module": "a:b"}},
                {"data": {"train": "a.npz", "encoding": "cp1252"}},
            ),
            BACKEND,
        )


def test_a_file_that_can_be_read_in_two_ways_stops_every_command(run: ftcore.Run, tmp_path: Path) -> None:
    (tmp_path / "two.tsv").write_text('1\t2\na\t"swallows\nb\ttwo"\na\tlast\n')
    reading = {"header": True, "delimiter": "auto", "quoting": "auto"}
    for call in (ftcore.evaluate, ftcore.predict):
        with pytest.raises(DataError, match=r"^two\.tsv: has 2 rows if quotes enclose fields, and 3 rows if they are"):
            call(run.folder, "two.tsv", BACKEND, reading=reading)

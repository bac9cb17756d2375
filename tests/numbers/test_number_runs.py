"""series-classification through the one loop: the same run on every backend, resumed, evaluated, predicted."""

import json
from pathlib import Path
from typing import Any

import curves
import numpy as np
import pytest

from ftcore import library
from ftcore.cli.main import main
from ftcore.conformance.measure import relative
from ftcore.contract import discovery as backends
from ftcore.errors import ModelError, SpecError
from ftcore.inputs.series.store import SeriesDataset
from ftcore.observer import Silent
from ftcore.runs.binding import bind
from ftcore.runs.description import describe
from ftcore.spec.reading import load_spec

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "specs" / "japanese-vowels.yaml"
each_backend = pytest.mark.parametrize("backend", backends.names())


def losses(run: Path) -> list[float]:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [row["loss"] for row in rows if "learning_rate" in row]


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "pooling", "form"), [("lstm", "last", "lines"), ("gru", "max", "arrays")])
def test_a_run_is_the_same_on_every_backend(cell: str, pooling: str, form: str, tmp_path: Path) -> None:
    """Two layers with dropout between them and before the classifier: the masks are the core's."""
    task, ending = curves.write_task(tmp_path, form, model__pooling=pooling), curves.FORMS[form][1]
    curves.write_network(tmp_path / "network", model_type=cell, num_layers=2, dropout=0.3, classifier_dropout=0.3)
    runs = [library.run(task, backend=name, output=tmp_path / name) for name in backends.names()]
    first, other = (losses(run.folder) for run in runs)
    assert len(first) == 12
    assert max(relative(*pair) for pair in zip(other, first, strict=True)) <= 1e-5
    assert all(run.result["flops_per_second"] > 0 and run.result["tokens_per_second"] > 0 for run in runs)
    assert runs[0].metrics["test"] == pytest.approx(runs[1].metrics["test"], rel=1e-5)
    assert set(runs[0].metrics["test"]) == {"loss", "accuracy", "macro_f1"}
    assert runs[0].result["labels"] == curves.KINDS
    metrics = library.evaluate(tmp_path / "torch", tmp_path / f"test{ending}", backend="tf")
    assert metrics["loss"] == pytest.approx(runs[0].metrics["test"]["loss"], rel=1e-5)


@pytest.mark.slow
@each_backend
def test_a_network_learns_and_its_folder_predicts_and_is_trained_on(backend: str, tmp_path: Path) -> None:
    task = curves.write_task(tmp_path, training__epochs=8)
    run = library.run(task, backend=backend, output=tmp_path / "run")
    assert run.metrics["test"]["accuracy"] >= 0.9
    assert set(describe(run.model_dir)["standardization"]) == {"mean", "deviation"}
    unlabelled = [{"x": row["x"], "of": "no interest"} for row in curves.rows(4, 300)]
    found = library.predict(run.model_dir, curves.write_given(tmp_path / "new.jsonl", unlabelled), backend=backend)
    assert isinstance(found, list)
    assert [row["label"] for row in found] == [curves.label(number) for number in range(300, 304)]
    assert set(found[0]["scores"]) == set(curves.KINDS)
    # Going on from it: the numbers of its own train, whatever the new train is.
    curves.write_lines(tmp_path / "train.jsonl", 12, start=500)
    again = curves.write_task(tmp_path / "again", model={"pretrained": str(run.folder)}, data__standardize=False)
    bound = bind(load_spec(again), again.parent, Silent())
    assert isinstance(bound.data.train, SeriesDataset)
    assert bound.data.train.standardization is not None
    assert list(bound.data.train.standardization.mean) == describe(run.model_dir)["standardization"]["mean"]
    tested = library.run(again, backend=backend, output=tmp_path / "on", overrides=["training.max_steps=1"])
    assert tested.metrics["test"]["accuracy"] >= 0.9


def test_what_a_folder_says_of_its_numbers_is_checked(tmp_path: Path) -> None:
    run = library.run(curves.write_task(tmp_path, training__epochs=1), backend="torch", output=tmp_path / "run")
    path = run.model_dir / "ftcore.json"
    said = json.loads(path.read_text())
    for wrong in ({"mean": [0, 0], "deviation": [1, 1]}, {"mean": [0] * 3, "deviation": [1, 0, 1]}, [], {"mean": "a"}):
        path.write_text(json.dumps({**said, "standardization": wrong}))
        with pytest.raises(ModelError, match=r"ftcore\.json: standardization must have mean and deviation, each with"):
            library.predict(run.folder, tmp_path / "test.jsonl", backend="torch")


class Notes(Silent):
    """Keeps the notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_the_earlier_name_of_the_task_still_works(tmp_path: Path) -> None:
    """In a spec, with a note, and in the ftcore.json of an earlier version; what is written has the present name."""
    task, observer = curves.write_task(tmp_path, task="sequence-classification", training__epochs=1), Notes()
    run = library.run(task, backend="torch", output=tmp_path / "run", observer=observer)
    note = "task: sequence-classification is an earlier name of series-classification: use that one"
    assert observer.notes.count(note) == 1
    path = run.model_dir / "ftcore.json"
    said = json.loads(path.read_text())
    assert (run.result["task"], said["task"]) == ("series-classification", "series-classification")
    predicted = library.predict(run.folder, tmp_path / "test.jsonl", backend="torch")
    path.write_text(json.dumps({**said, "task": "sequence-classification"}))
    assert describe(run.model_dir)["task"] == "series-classification"
    assert library.predict(run.folder, tmp_path / "test.jsonl", backend="torch") == predicted
    assert library.evaluate(run.folder, tmp_path / "test.jsonl") == pytest.approx(run.metrics["test"], rel=1e-5)


def test_a_network_of_texts_and_one_of_other_channels_are_refused(tmp_path: Path) -> None:
    task = curves.write_task(tmp_path)
    (tmp_path / "network" / "config.json").write_text(json.dumps({"model_type": "gru", "vocab_size": 9}))
    with pytest.raises(ModelError, match="the gru that it describes reads tokens, but the task gives vectors"):
        bind(load_spec(task), tmp_path, Silent())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"data__columns": {"text": "a"}},
            "data.columns.text: the task series-classification has no column text: its columns are x, label",
        ),
        (
            {"data__max_length": 12},
            "data.max_length: unknown field in the task series-classification, it is one of text-classification, "
            "multi-label-classification, text-regression, token-classification, semantic-role-labeling, "
            "question-answering, sentence-embedding, causal-language-modeling, instruction-tuning, "
            "masked-language-modeling, summarization and translation; allowed: train, validation, test, columns, "
            "split_duplicates, on_bad_row, ",
        ),
        (
            {"model": {"pretrained": "run"}},
            "data.standardize: is only for a network from scratch; a pretrained one keeps its mean and deviation",
        ),
        (
            {"task": "text-classification"},
            "data.standardize: unknown field in the task text-classification, it is one of series-classification; ",
        ),
    ],
)
def test_what_is_for_other_tasks_is_refused(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as error:
        load_spec(curves.write_task(tmp_path, **changes))
    assert message in str(error.value)


class Ending(Silent):
    """Ends a run after some steps, as a user does."""

    def step(self, index: int, loss: float | None, learning_rate: float, examples_per_second: float) -> None:
        if index == 7:
            raise KeyboardInterrupt


@pytest.mark.slow
def test_a_run_is_resumed(tmp_path: Path) -> None:
    task = curves.write_task(tmp_path, training__checkpoint_every=3)
    whole = library.run(task, backend="torch", output=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        library.run(task, backend="torch", output=tmp_path / "cut", observer=Ending())
    resumed = library.run(task, backend="torch", output=tmp_path / "cut", resume=True)
    np.testing.assert_allclose(losses(resumed.folder), losses(whole.folder), rtol=1e-6, atol=0)
    assert resumed.metrics["test"] == pytest.approx(whole.metrics["test"], rel=1e-5)


def test_spec_check_counts_sequences(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    task = curves.write_task(tmp_path)
    assert main(["spec", "check", str(task), "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["data"]["splits"]["train"]["per_label"] == {"falling": 24, "rising": 24}
    assert found["model"]["family"] == "lstm"


@pytest.mark.slow
@pytest.mark.realdata
@pytest.mark.parametrize("backend", backends.names())
def test_speakers_are_learned(backend: str, tmp_path: Path) -> None:
    """A few epochs of the benchmark, held out of train: far from its goal, and far above one in nine."""
    shortly = ["training.epochs=3", "data.test=null", "data.validation=0.2"]
    run = library.run(BENCHMARK, backend=backend, output=tmp_path / "run", overrides=shortly)
    assert run.metrics["validation"]["accuracy"] > 0.5

"""run, evaluate, predict and features, each in a process of its own, on every backend."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ftcore.contract import discovery as backend
from tests.tiny import write_task

pytestmark = pytest.mark.slow


def call(folder: Path, *arguments: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ftcore", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, input=given, check=False)


@pytest.fixture(scope="module", params=backend.names())
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp(request.param)
    write_task(folder)
    done = call(
        folder, "run", "task.yaml", "--backend", request.param, "--output", "one", "--set", "training.max_steps=6"
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[0] for line in lines] == ["validation", "test", "run", "model"]
    assert lines[-1] == ["model", "one/model"]
    return folder, request.param


def test_a_run_shows_its_progress_on_standard_error(project: tuple[Path, str]) -> None:
    folder, name = project
    done = call(folder, "run", "task.yaml", "--backend", name, "--output", "two", "--set", "training.max_steps=3")
    lines = done.stderr.splitlines()
    assert "training 3 steps" in lines
    assert any(line.startswith("step 3/3  ") for line in lines)
    assert any(line.startswith("step 3  validation  ") for line in lines)


def test_a_run_is_not_overwritten(project: tuple[Path, str]) -> None:
    folder, name = project
    done = call(folder, "run", "task.yaml", "--backend", name, "--output", "one")
    assert done.returncode == 2
    assert done.stderr.startswith("error: one already holds a run")
    assert done.stderr.count("\n") == 1


def test_evaluate_repeats_the_test_metrics(project: tuple[Path, str]) -> None:
    folder, name = project
    done = call(folder, "evaluate", "one", "--data", "test.jsonl", "--backend", name, "--json")
    written = json.loads((folder / "one" / "result.json").read_text())["metrics"]["test"]
    assert json.loads(done.stdout) == pytest.approx(written, rel=1e-5)


def test_predict_reads_standard_input_and_writes_a_file(project: tuple[Path, str]) -> None:
    folder, name = project
    rows = (folder / "test.jsonl").read_text()
    done = call(folder, "predict", "one", "--data", "-", "--backend", name, given=rows)
    predictions = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(predictions) == 12
    for prediction in predictions:
        assert prediction["label"] == max(prediction["scores"], key=prediction["scores"].__getitem__)
        assert sum(prediction["scores"].values()) == pytest.approx(1.0)
    written = call(folder, "predict", "one", "--data", "test.jsonl", "--backend", name, "--output", "p.jsonl")
    assert (written.returncode, written.stdout) == (0, "")
    from_file = [json.loads(line) for line in (folder / "p.jsonl").read_text().splitlines()]
    assert [row["label"] for row in from_file] == [row["label"] for row in predictions]


def test_a_bad_row_of_standard_input_is_named_so(project: tuple[Path, str]) -> None:
    folder, name = project
    done = call(folder, "predict", "one", "--data", "-", "--backend", name, given='{"text": 3}\n')
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: standard input")


def test_features_writes_one_vector_a_row(project: tuple[Path, str]) -> None:
    folder, name = project
    done = call(folder, "features", "model", "--data", "test.jsonl", "--backend", name, "--output", "f.npy")
    assert done.returncode == 0, done.stderr
    vectors = np.load(folder / "f.npy")
    assert vectors.shape == (12, 16)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    again = call(folder, "features", "model", "--data", "test.jsonl", "--backend", name, "--output", "f.npy")
    assert again.returncode == 2
    assert again.stderr.splitlines()[-1].startswith("error: f.npy exists")

"""The real thing, tiny: two backends in processes of their own, every baseline, through the command line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ftcore import library
from ftcore.contract import discovery as backends
from tests.tiny import write_task

pytestmark = pytest.mark.slow
FIRST, SECOND = backends.names()[:2]


def ftcore(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ftcore", *arguments], capture_output=True, text=True, check=False)


def losses(folder: Path) -> list[float]:
    """Return the training losses of a run folder, one a step."""
    events = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [event["loss"] for event in events if event["event"] == "train"]


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_task(tmp_path_factory.mktemp("task"), compare__baselines=["majority", "frozen", "scratch"])


@pytest.fixture(scope="module")
def compared(task: Path) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = task.parent / "out"
    return ftcore("compare", str(task), "--backends", f"{FIRST},{SECOND}", "--output", str(folder)), folder


def test_the_two_runs_are_the_same_run(compared: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, folder = compared
    assert done.returncode == 0, done.stderr
    content = json.loads((folder / "comparison.json").read_text())
    assert content["status"] == "complete"
    assert content["agree"] is True
    assert all(check["same"] for check in content["checks"])
    agreement = content["pairs"][0]["agreement"]
    assert agreement["steps"] == 15
    assert agreement["beyond"] is None
    assert 0 <= agreement["largest"] <= 1e-5
    assert content["verdict"][0].startswith(f"{FIRST} and {SECOND} computed the same run: from the same state")
    assert content["verdict"][0] in done.stdout
    assert str(folder / "report.html") in done.stdout


def test_every_baseline_was_measured(compared: tuple[subprocess.CompletedProcess[str], Path], task: Path) -> None:
    table: list[dict[str, Any]] = json.loads((compared[1] / "comparison.json").read_text())["table"]
    assert [(row["name"], row["backend"]) for row in table] == [
        ("majority class", None), ("frozen features", FIRST), ("from scratch", FIRST),
        ("fine-tuned", FIRST), ("fine-tuned", SECOND),
    ]  # fmt: skip
    assert {(row["split"], row["metric"]) for row in table} == {("test", "accuracy")}
    labels = {name: [json.loads(line)["label"] for line in (task.parent / f"{name}.jsonl").open()]
              for name in ("train", "test")}  # fmt: skip
    most = max(sorted(set(labels["train"])), key=labels["train"].count)
    assert table[0]["value"] == pytest.approx(labels["test"].count(most) / len(labels["test"]))
    assert all(0 <= row["value"] <= 1 for row in table)
    assert all(row["seconds"] > 0 for row in table)
    assert "model/config.json" not in (compared[1] / "scratch" / "spec.yaml").read_text()
    assert json.loads((compared[1] / "scratch" / "environment.json").read_text())["weights_sha256"] is None


def test_with_dropout_the_two_runs_are_the_same_run(
    tmp_path: Path, compared: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    task = write_task(tmp_path, model__dropout=0.1, training__micro_batch_size=3)
    comparison = library.compare(task, [FIRST, SECOND], tmp_path / "out")
    assert comparison.agree, comparison.verdict
    agreement = comparison.pairs[0].agreement
    assert (agreement.steps, agreement.beyond) == (15, None)
    assert 0 <= agreement.largest <= 1e-5
    for name in (FIRST, SECOND):
        with_dropout, without = (losses(folder / name) for folder in (tmp_path / "out", compared[1]))
        assert abs(with_dropout[0] - without[0]) > 1e-3


def test_bad_data_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    task = write_task(tmp_path)
    (tmp_path / "train.jsonl").write_text('{"text": "red dog"}\n')
    done = ftcore("compare", str(task), "--backends", f"{FIRST},{SECOND}", "--output", str(tmp_path / "out"))
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "train.jsonl" in errors[0]
    assert errors[1].startswith(f"error: the run on {FIRST} failed (exit code 2)")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "report.html").exists()

"""A run from spec to result: the run folder, determinism, kill and resume, which result is kept."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import ftcore
from ftcore.contract import discovery as backend
from ftcore.errors import ModelError, RunError
from tests.tiny import write_rows, write_task

BACKENDS = backend.names()
pytestmark = pytest.mark.slow


def losses(run: ftcore.Run) -> list[float]:
    return [event["loss"] for event in run.history if event["event"] == "train"]


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_task(tmp_path_factory.mktemp("task"))


@pytest.mark.parametrize("name", BACKENDS)
def test_run_folder(task: Path, tmp_path: Path, name: str) -> None:
    run = ftcore.run(task, backend=name, output=tmp_path / "run")
    assert run.result["status"] == "complete"
    assert run.result["steps"] == 15
    assert run.result["labels"] == ["colour", "size", "thing"]
    assert set(run.metrics) == {"validation", "test"}
    assert set(run.metrics["test"]) == {"loss", "accuracy", "macro_f1"}
    assert losses(run)[-1] < losses(run)[0]
    assert [event["step"] for event in run.history if event["event"] == "eval"] == [5, 10, 15, 15]
    environment = json.loads((run.folder / "environment.json").read_text())
    assert set(environment["data"]) == {"train.jsonl", "validation.jsonl", "test.jsonl"}
    assert len(environment["weights_sha256"]) == 64
    assert run.result["best_step"] in (5, 10, 15)
    assert 0 < run.result["limit_share"] < 2
    assert run.result["limit_share"] == pytest.approx(
        run.result["flops_per_second"] / run.result["matmul_flops_per_second"], abs=6e-5
    )


def test_a_part_that_is_trained_has_no_share_of_the_limit(task: Path, tmp_path: Path) -> None:
    run = ftcore.run(task, backend=BACKENDS[0], output=tmp_path / "run", overrides=["model.trainable=head"])
    assert run.result["limit_share"] is None


@pytest.mark.parametrize("name", BACKENDS)
def test_written_spec_runs_again_to_the_same_curve(task: Path, tmp_path: Path, name: str) -> None:
    first = ftcore.run(task, backend=name, output=tmp_path / "first")
    again = ftcore.run(first.folder / "spec.yaml", backend=name, output=tmp_path / "again")
    np.testing.assert_allclose(losses(again), losses(first), rtol=1e-6, atol=0)
    assert again.result["spec_sha256"] != ""


@pytest.mark.parametrize("name", BACKENDS)
def test_resume_repeats_the_run_that_was_not_interrupted(task: Path, tmp_path: Path, name: str) -> None:
    settings = ["model.dropout=0.1", "training.evaluate_every=4", "training.checkpoint_every=3"]
    whole = ftcore.run(task, backend=name, output=tmp_path / "whole", overrides=settings)
    _kill_after(task, name, tmp_path / "resumed", settings, step=6)
    assert not (tmp_path / "resumed" / "result.json").exists()
    resumed = ftcore.run(task, backend=name, output=tmp_path / "resumed", overrides=settings, resume=True)
    assert [event["step"] for event in resumed.history] == [event["step"] for event in whole.history]
    np.testing.assert_allclose(losses(resumed), losses(whole), rtol=1e-6, atol=0)
    assert resumed.metrics["test"] == pytest.approx(whole.metrics["test"], rel=1e-5)


def _kill_after(task: Path, name: str, folder: Path, settings: list[str], step: int) -> None:
    """Run in a process of its own and kill it when a checkpoint of `step` or later is there."""
    slow = ["training.epochs=3", "backend={}"]
    overrides = [part for setting in [*settings, *slow[1:]] for part in ("--set", setting)]
    command = [sys.executable, "-m", "ftcore", "run", str(task), "--backend", name, "--output", str(folder), *overrides]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ.copy())
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if any(int(path.name[5:]) >= step for path in (folder / "checkpoints").glob("step-*")):
            break
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (folder / "result.json").unlink(missing_ok=True)


def test_the_same_spec_twice_is_the_same_curve_to_the_bit_on_pytorch(task: Path, tmp_path: Path) -> None:
    runs = [ftcore.run(task, backend="torch", output=tmp_path / str(number)) for number in range(2)]
    assert losses(runs[0]) == losses(runs[1])


@pytest.mark.parametrize("name", BACKENDS)
def test_micro_batches_change_nothing(task: Path, tmp_path: Path, name: str) -> None:
    whole = ftcore.run(task, backend=name, output=tmp_path / "whole", overrides=["precision=float64"])
    settings = ["precision=float64", "training.micro_batch_size=3"]
    split = ftcore.run(task, backend=name, output=tmp_path / "split", overrides=settings)
    np.testing.assert_allclose(losses(split), losses(whole), rtol=1e-9, atol=0)


@pytest.mark.parametrize("name", BACKENDS)
def test_early_stopping_and_the_best_result(task: Path, tmp_path: Path, name: str) -> None:
    settings = [
        "optimizer.learning_rate=0.5",
        "training.epochs=20",
        "training.best.metric=loss",
        "training.early_stopping={patience: 2}",
    ]
    run = ftcore.run(task, backend=name, output=tmp_path / "run", overrides=settings)
    assert run.result["steps"] < 100
    evaluations = [event for event in run.history if event["event"] == "eval" and event["split"] == "validation"]
    best = min(evaluations, key=lambda event: event["metrics"]["loss"])
    assert run.result["best_step"] == best["step"]
    assert run.metrics["validation"] == pytest.approx(best["metrics"], rel=1e-5)
    again = ftcore.evaluate(run.folder, task.parent / "validation.jsonl", backend=name)
    assert again == pytest.approx(best["metrics"], rel=1e-4)


@pytest.mark.parametrize("name", BACKENDS)
def test_only_the_head_is_trained(task: Path, tmp_path: Path, name: str) -> None:
    from safetensors.numpy import load_file

    run = ftcore.run(task, backend=name, output=tmp_path / "run", overrides=["model.trainable=head"])
    before = load_file(task.parent / "model" / "model.safetensors")
    after = load_file(run.model_dir / "model.safetensors")
    body = [key for key in before if not key.startswith("pooler")]
    assert len(body) > 30
    for key in body:
        np.testing.assert_array_equal(after[f"bert.{key}"], before[key])
    assert not np.array_equal(after["bert.pooler.dense.weight"], before["pooler.dense.weight"])


@pytest.mark.parametrize("name", BACKENDS)
def test_a_loss_that_is_not_finite_stops_the_run(task: Path, tmp_path: Path, name: str) -> None:
    settings = ["optimizer={name: sgd, learning_rate: 1.0e+30}", "training.clip_norm=null"]
    with pytest.raises(RunError, match=r"step \d+: the loss .* is not finite; that step changed nothing"):
        ftcore.run(task, backend=name, output=tmp_path / "run", overrides=settings)
    assert not (tmp_path / "run" / "result.json").exists()


def test_a_run_is_never_overwritten(task: Path, tmp_path: Path) -> None:
    run = ftcore.run(task, backend="torch", output=tmp_path / "run")
    with pytest.raises(RunError, match="already holds a run"):
        ftcore.run(task, backend="torch", output=run.folder)
    with pytest.raises(RunError, match=r"of another spec or backend: training\.seed is 3 there and 9 here"):
        ftcore.run(task, backend="torch", output=run.folder, overrides=["training.seed=9"], resume=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match="is not empty and is not a run of ftcore"):
        ftcore.run(task, backend="torch", output=tmp_path / "other")


def test_a_finished_run_is_left_as_it_is_by_resume(task: Path, tmp_path: Path) -> None:
    run = ftcore.run(task, backend="torch", output=tmp_path / "run")
    before = (run.folder / "result.json").read_bytes()
    ftcore.run(task, backend="torch", output=run.folder, resume=True)
    assert (run.folder / "result.json").read_bytes() == before


def test_a_result_is_fine_tuned_further(task: Path, tmp_path: Path) -> None:
    first = ftcore.run(task, backend="torch", output=tmp_path / "first")
    settings = [f"model.pretrained={first.folder}", "training.max_steps=1", "optimizer.learning_rate=1.0e-9"]
    second = ftcore.run(task, backend="torch", output=tmp_path / "second", overrides=settings)
    assert second.metrics["test"] == pytest.approx(first.metrics["test"], rel=1e-3)


def test_a_kept_head_needs_the_same_labels(task: Path, tmp_path: Path) -> None:
    first = ftcore.run(task, backend="torch", output=tmp_path / "first")
    settings = [f"model.pretrained={first.folder}", "data.labels=[thing, size, colour]"]
    with pytest.raises(ModelError, match="replace_head"):
        ftcore.run(task, backend="torch", output=tmp_path / "second", overrides=settings)


def test_held_out_splits(task: Path, tmp_path: Path) -> None:
    write_rows(task.parent / "more.jsonl", 60)
    settings = ["data.train=more.jsonl", "data.validation=0.2", "data.test=0.1", "training.max_steps=2"]
    run = ftcore.run(task, backend="torch", output=tmp_path / "run", overrides=settings)
    assert set(run.metrics) == {"validation", "test"}

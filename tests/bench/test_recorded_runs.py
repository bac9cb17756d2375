"""The recording of short runs: what it holds, and which differences `compare` finds."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from ftcore.tasks import TASKS, task_of

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "recorded_runs.py"
LOSS = 0.6931471824645996
"""A float32, as metrics.jsonl holds it."""
LATER = {"question-answering"}
"""Tasks that version fa30d60 did not have; a recording of it is what later ones are compared with."""
NEXT = float(np.nextafter(np.float32(LOSS), np.float32(1)))


def call(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *map(str, words)], capture_output=True, text=True, check=False)


@pytest.fixture
def recording(tmp_path: Path) -> Callable[..., Path]:
    """Write a recording of one case on both backends, with these numbers."""

    def write(
        name: str, loss: float = LOSS, weight: float = 0.5, accuracy: float = 0.75, text: str = "red dog"
    ) -> Path:
        (tmp_path / name / "inputs").mkdir(parents=True)
        for backend in ("torch", "tf"):
            run = tmp_path / name / backend / "summaries" / "run"
            (run / "model").mkdir(parents=True)
            result = {"metrics": {"test": {"accuracy": accuracy}}, "steps": 1, "best_step": 1, "labels": []}
            (run / "result.json").write_text(json.dumps(result))
            (run / "metrics.jsonl").write_text(
                json.dumps({"event": "train", "step": 1, "loss": loss, "grad_norm": 1.0})
            )
            save_file({"weight": np.array([weight, 1.0], dtype=np.float32)}, run / "model" / "model.safetensors")
            (run.parent / "predictions.json").write_text(json.dumps([{"text": text}]))
        return tmp_path / name

    return write


def compare(*folders: object) -> subprocess.CompletedProcess[str]:
    return call("compare", *folders, "--only", "summaries")


def test_equal_recordings(recording: Callable[..., Path]) -> None:
    found = compare(recording("before"), recording("after"))
    assert found.returncode == 0, found.stdout + found.stderr
    assert "2 runs, all the same within the bounds" in found.stdout


@pytest.mark.parametrize(
    ("change", "quantity"),
    [
        ({"loss": NEXT}, "losses"),
        ({"weight": float(np.nextafter(np.float32(0.5), np.float32(1)))}, "weights"),
        ({"accuracy": 0.75 + 2e-6}, "metrics"),
        ({"text": "blue"}, "predictions"),
    ],
)
def test_what_differs_is_named(change: dict[str, float], quantity: str, recording: Callable[..., Path]) -> None:
    found = compare(recording("before"), recording("after", **change))
    assert found.returncode == 1
    assert found.stdout.count(f"DIFFERS: {quantity}") == 2


def test_metrics_may_differ_by_rounding(recording: Callable[..., Path]) -> None:
    assert compare(recording("before"), recording("after", accuracy=0.75 + 5e-7)).returncode == 0


def test_a_repeated_recording_says_how_far_tensorflow_may_differ(recording: Callable[..., Path]) -> None:
    before, after, repeat = recording("before"), recording("after", loss=NEXT), recording("repeat", loss=NEXT)
    found = compare(before, after, "--repeat", repeat)
    assert found.returncode == 1
    assert found.stdout.count("DIFFERS") == 1
    assert call("compare", before, after, "--repeat", repeat, "--only", "summaries", "--backend", "tf").returncode == 0


def test_a_run_that_is_missing(recording: Callable[..., Path]) -> None:
    before, after = recording("before"), recording("after")
    (after / "tf" / "summaries" / "run" / "result.json").unlink()
    found = compare(before, after)
    assert found.returncode == 1
    assert "DIFFERS: there is no finished run" in found.stdout


def test_every_task_is_recorded() -> None:
    code = "import cases; print(*{case.spec['task'] for case in cases.CASES.values()})"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPT.parent / "recorded", capture_output=True, text=True, check=True
    )
    assert {task_of(name).name for name in found.stdout.split()} == set(TASKS) - LATER


@pytest.mark.slow
def test_two_recordings_of_one_version(tmp_path: Path) -> None:
    chosen = ("--only", "packed", "causal", "finetune", "--backend", "torch")
    for name in ("before", "after"):
        done = call("record", tmp_path / name, *chosen, "--set", "training.max_steps=2")
        assert done.returncode == 0, done.stdout + done.stderr
    found = call("compare", tmp_path / "before", tmp_path / "after", *chosen)
    assert found.returncode == 0, found.stdout
    assert "3 runs" in found.stdout

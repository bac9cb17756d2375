"""A run on TensorFlow compiles few graphs: each costs seconds on a model of a real size."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ftcore_keras.tensorflow_engine import steps

import ftcore
from tests.tiny import write_task

MOST = 8


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The name of each method that is traced, once a trace: TensorFlow calls Python for nothing else."""
    names: list[str] = []

    def recorded(name: str) -> Callable[..., Any]:
        method = getattr(steps.Steps, name)

        def record(*given: Any) -> Any:
            names.append(name)
            return method(*given)

        return record

    for name in ("_train_batch", "_update", "_outputs", "_derivative"):
        monkeypatch.setattr(steps.Steps, name, recorded(name))
    return names


@pytest.mark.slow
@pytest.mark.parametrize("batching", ["packed", "sorted", "padded"])
def test_a_run_traces_few_graphs(tmp_path: Path, traces: list[str], batching: str) -> None:
    task = write_task(tmp_path, training__epochs=3, training__batching=batching, model__dropout=0.1)
    run = ftcore.run(task, backend="tf", output=tmp_path / "run")
    assert [event["event"] for event in run.history].count("train") == 15
    assert [event["event"] for event in run.history].count("eval") >= 3
    # Of a step in one graph, `_train_batch` calls the other two within its own trace.
    assert traces
    assert len(traces) <= MOST, traces
    assert traces.count("_outputs") <= 2

"""What a run shows: few lines in a log, a bar on a terminal."""

import inspect
from typing import Any

import pytest

from ftcore.cli.progress import PlainProgress, RichProgress, observer
from ftcore.observer import Observer


def _run(watching: Observer, steps: int, first: int = 1) -> None:
    watching.stage("reading data")
    watching.started(steps, first)
    for index in range(first, steps + 1):
        watching.step(index, None if index == first else 0.5, 2e-4, 310.4)
    watching.evaluated("validation", steps, {"accuracy": 0.93125, "loss": 0.25})
    watching.note("a note with [brackets]")
    watching.finished()


def test_a_log_has_few_lines(capfd: pytest.CaptureFixture[str]) -> None:
    _run(PlainProgress(), 1000)
    captured = capfd.readouterr()
    lines = captured.err.splitlines()
    assert captured.out == ""
    assert lines[:3] == ["reading data", "training 1000 steps", "step 1/1000  learning rate 2.00e-04  310 examples/s"]
    assert lines[3] == "step 100/1000  loss 0.5000  learning rate 2.00e-04  310 examples/s"
    assert lines[-2:] == ["step 1000  validation  accuracy 0.9313  loss 0.2500", "note: a note with [brackets]"]
    assert len(lines) == 15


def test_a_resumed_run_says_from_where(capfd: pytest.CaptureFixture[str]) -> None:
    _run(PlainProgress(), 10, first=7)
    lines = capfd.readouterr().err.splitlines()
    assert lines[1:3] == [
        "training 10 steps from step 7",
        "step 7/10  learning rate 2.00e-04  310 examples/s",
    ]


def test_a_terminal_has_a_bar(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "120")
    watching = observer()
    assert isinstance(watching, RichProgress)
    _run(watching, 20)
    shown = capfd.readouterr().err
    assert "20/20" in shown
    assert "loss 0.5000" in shown
    assert "a note with [brackets]" in shown
    assert "validation" in shown


def test_without_a_terminal_there_are_lines(capfd: pytest.CaptureFixture[str]) -> None:
    assert isinstance(observer(), PlainProgress)


def test_finishing_twice_or_before_the_start_does_nothing() -> None:
    for watching in (RichProgress(), PlainProgress()):
        watching.finished()
        watching.finished()


@pytest.mark.parametrize("kind", [RichProgress, PlainProgress])
def test_both_have_the_signatures_of_the_protocol(kind: Any) -> None:
    methods = [name for name in vars(Observer) if not name.startswith("_")]
    assert len(methods) == 6
    for name in methods:
        assert inspect.signature(getattr(kind, name)) == inspect.signature(getattr(Observer, name))

"""Every error is one line and an exit code; a traceback is for --debug."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ftcore import library
from ftcore.helpers.processes import ChildError

USAGE = {
    "no such command": (["rnu"], "No such command 'rnu'. Did you mean 'run'? (see ftcore --help)"),
    "no such option": (["run", "a.yaml", "--fast"], "No such option: --fast (see ftcore run --help)"),
    "missing argument": (["run"], "Missing argument 'SPEC' (see ftcore run --help)"),
    "missing option": (["evaluate", "run"], "Missing option '--data' (see ftcore evaluate --help)"),
    "one argument too many": (
        ["spec", "check", "a", "b"],
        "Got unexpected extra argument (b) (see ftcore spec check --help)",
    ),
    "options that need each other": (
        ["doctor", "--markdown"],
        "Invalid value: --markdown needs --semantics (see ftcore doctor --help)",
    ),
}


@pytest.mark.parametrize("kind", list(USAGE))
def test_wrong_usage_is_one_line(kind: str, ftcore: Any) -> None:
    arguments, _ = USAGE[kind]
    answer = ftcore(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    (line,) = answer.err.splitlines()
    assert line.startswith("error: ")
    assert line.endswith(" --help)")


@pytest.mark.parametrize("kind", ["missing argument", "missing option", "options that need each other"])
def test_wrong_usage_names_what_is_wrong(kind: str, ftcore: Any) -> None:
    arguments, message = USAGE[kind]
    assert ftcore(*arguments).err == f"error: {message}\n"


def test_no_command_prints_the_help(ftcore: Any) -> None:
    answer = ftcore()
    assert answer.code == 2
    assert "Usage: ftcore" in answer.out + answer.err
    assert "error:" not in answer.err


def test_a_spec_that_is_not_there(ftcore: Any, tmp_path: Path) -> None:
    answer = ftcore("spec", "check", tmp_path / "no.yaml")
    assert answer.code == 2
    assert answer.err == f"error: {tmp_path / 'no.yaml'}: the spec cannot be read: No such file or directory\n"


def test_an_unknown_backend_names_those_that_are_registered(ftcore: Any) -> None:
    answer = ftcore("conformance", "--backend", "nonesuch")
    assert answer.code == 2
    assert answer.err.startswith("error: there is no backend 'nonesuch'")
    assert answer.err.count("\n") == 1


def _raising(error: BaseException) -> Any:
    def raise_it(*arguments: Any, **options: Any) -> None:
        raise error

    return raise_it


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ValueError("a\nb"), 1, "error: ValueError: a b (unexpected: run again with --debug to see where)"),
        (ChildError("the run on one failed", 130), 130, "error: the run on one failed"),
    ],
)
def test_what_goes_wrong_inside_is_one_line_too(
    error: BaseException, code: int, line: str, ftcore: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "evaluate", _raising(error))
    answer = ftcore("evaluate", "run", "--data", "a.csv")
    assert answer.code == code
    assert answer.err.strip().splitlines() == [line]


@pytest.mark.parametrize(
    "arguments", [["--debug", "evaluate", "r", "--data", "a"], ["evaluate", "r", "--data", "a", "--debug"]]
)
def test_debug_prints_the_traceback_before_the_line(
    arguments: list[str], ftcore: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "evaluate", _raising(ValueError("inside")))
    answer = ftcore(*arguments)
    assert answer.code == 1
    assert "Traceback (most recent call last)" in answer.err
    assert "raise_it" in answer.err
    assert answer.err.splitlines()[-1].startswith("error: ValueError: inside")


def test_an_interrupted_command_ends_quietly(ftcore: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "evaluate", _raising(KeyboardInterrupt()))
    answer = ftcore("evaluate", "run", "--data", "a.csv")
    assert (answer.code, answer.out, answer.err) == (130, "", "")


def test_a_reader_that_goes_away_ends_the_command_quietly() -> None:
    code = "import sys; from ftcore.cli.main import main; sys.exit(main(['spec', 'schema']))"
    child = subprocess.Popen(
        [sys.executable, "-c", f"import time; time.sleep(0.5); {code}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait() == 1

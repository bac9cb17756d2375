"""Child processes: their output, how they ended, and that the working folder takes no package's place."""

import os
import signal
import sys
from pathlib import Path

import pytest

from ftcore.errors import RunError
from ftcore.helpers import captured, captured_together, child_exit_code, code_command, merged, module_command

SAYS = "import sys; print('out'); print('error: bad', file=sys.stderr); sys.exit(int(sys.argv[1]))"


def test_what_a_child_writes_is_kept() -> None:
    done = captured(code_command(SAYS, "3"))
    assert (done.returncode, done.output, done.errors) == (3, "out\n", "error: bad\n")
    assert (done.exit_code, done.how, done.reason) == (3, "exit code 3", "bad")


def test_a_child_is_given_its_input() -> None:
    assert captured(code_command("print(input())"), "given").output == "given\n"


def test_a_signal_has_the_exit_code_of_a_shell() -> None:
    done = captured(code_command(f"import os; os.kill(os.getpid(), {int(signal.SIGTERM)})"))
    assert (done.exit_code, done.how, done.reason) == (143, "ended by signal 15", "ended by signal 15")


def test_the_working_folder_takes_no_packages_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json.py", "timeit.py"):
        (tmp_path / name).write_text("print('taken')")
    monkeypatch.chdir(tmp_path)
    assert captured(code_command("import json; print(json.dumps(1))")).output == "1\n"
    assert "taken" not in captured(module_command("timeit", "-n1", "-r1")).output
    plain = [sys.executable, "-c", "import json"]
    assert captured(plain).output == "taken\n"


def test_children_run_together() -> None:
    code = "import os, sys, time; time.sleep(0.2); print(os.environ['GIVEN'], sys.argv[1])"
    done = captured_together({name: code_command(code, name) for name in "ab"}, {"GIVEN": "x"})
    assert {name: child.output for name, child in done.items()} == {"a": "x a\n", "b": "x b\n"}


def test_both_outputs_are_merged(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd(), flush=True); print(os.environ['GIVEN'], file=sys.stderr)"
    assert merged(code_command(code), tmp_path, {"GIVEN": "x"}, 60).output == f"{tmp_path.resolve()}\nx\n"
    assert "GIVEN" not in os.environ


def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match=r"not done after 0\.2 s"):
        merged(code_command("import time; time.sleep(60)"), tmp_path, {}, 0.2)


def test_what_does_not_start_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        merged(["no such program"], tmp_path, {}, 60)


def test_a_childs_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise RunError("wrong")

    assert (child_exit_code(fail), child_exit_code(lambda: None)) == (2, 0)
    assert capsys.readouterr().err == "error: wrong\n"

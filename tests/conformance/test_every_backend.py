"""Every registered backend passes every rung."""

import itertools
import subprocess
import sys

import pytest

from ftcore.conformance.report import Report
from ftcore.conformance.rungs import RUNGS
from ftcore.contract import discovery as backends

each_backend = pytest.mark.parametrize("backend", backends.names())
each_rung = pytest.mark.parametrize("rung", [rung.name for rung in RUNGS])


@each_rung
def test_first_mode_in_float64(rung, report_of) -> None:
    """What the fast part of the suite runs: TensorFlow would take a minute."""
    assert_passed(report_of("torch", "short"), rung)


@pytest.mark.slow
@each_rung
@each_backend
def test_every_mode_in_every_precision(backend, rung, report_of) -> None:
    assert_passed(report_of(backend, "whole"), rung)


@pytest.mark.slow
@each_backend
def test_every_mode_was_run(backend, report_of) -> None:
    modes = {(row.precision, row.mode) for row in report_of(backend, "whole").rows if row.rung == "curve"}
    wanted = set(itertools.product(["float32", "float64"], step_modes(backend)))
    assert modes == wanted


def assert_passed(report: Report, rung: str) -> None:
    """Some rows of the rung, and every one within its bound."""
    rows = [row for row in report.rows if row.rung == rung]
    assert rows
    assert [row for row in rows if not row.passed] == []


def step_modes(backend: str) -> list[str]:
    """Return what the backend says of itself, in a process of its own."""
    program = (
        "import sys; from ftcore.contract import discovery as backend; "
        "print(*backend.load(sys.argv[1]).info().step_modes)"
    )
    child = subprocess.run([sys.executable, "-c", program, backend], capture_output=True, text=True, check=True)
    return child.stdout.split()

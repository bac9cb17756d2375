"""Each backend's suite runs in a process of its own, once a session."""

import os
import subprocess
import sys
from functools import cache

import pytest

from ftcore.conformance.report import Report

PROGRAM = """
import sys
from ftcore.contract import discovery as backends
from ftcore.conformance.references import stored
from ftcore.conformance.suite import run_suite
name, extent = sys.argv[1:]
if extent == "short":
    found = backends.load(name)
    modes = list(found.info().step_modes)[:1]
    report = run_suite(found, ["float64"], modes, references=stored(), families=["roberta"])
else:
    report = run_suite(name, families=["roberta", "electra"])
sys.stdout.write(report.to_json())
"""


@cache
def _child(backend: str, extent: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, backend, extent]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


def _report(backend: str, extent: str) -> Report:
    child = _child(backend, extent)
    assert child.returncode == 0, child.stderr[-3000:]
    return Report.from_json(child.stdout)


@pytest.fixture(scope="session")
def report_of():
    """Return the function that gives a backend's report, "short" (float64, the first step mode) or "whole"."""
    return _report

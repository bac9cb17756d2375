"""Each backend's suite runs in a process of its own, once a session."""

import os
import subprocess
import sys
from functools import cache

import pytest

from ftcore.conformance.report import Report

PROGRAM = """
import sys
from ftcore import backend as backends
from ftcore.conformance.suite import run_suite
name, precisions, modes = sys.argv[1:]
found = backends.load(name)
first = list(found.info().step_modes)[:1]
report = run_suite(found, precisions.split(","), first if modes == "first" else None)
sys.stdout.write(report.to_json())
"""


@cache
def _run(backend: str, precisions: tuple[str, ...], modes: str) -> Report:
    command = [sys.executable, "-c", PROGRAM, backend, ",".join(precisions), modes]
    child = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert child.returncode == 0, child.stderr[-3000:]
    return Report.from_json(child.stdout)


@pytest.fixture(scope="session")
def run_in_child():
    return _run

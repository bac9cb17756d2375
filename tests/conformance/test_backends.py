"""Every registered backend passes every rung."""

import pytest

from ftcore import backend as backends
from ftcore.conformance.rungs import RUNGS

each_backend = pytest.mark.parametrize("backend", backends.names())
each_rung = pytest.mark.parametrize("rung", [rung.name for rung in RUNGS])


@each_rung
@each_backend
def test_first_mode_in_float64(backend, rung, run_in_child) -> None:
    rows = [row for row in run_in_child(backend, ("float64",), "first").rows if row.rung == rung]
    assert rows
    assert [row for row in rows if not row.passed] == []


@pytest.mark.slow
@each_rung
@each_backend
def test_every_mode_in_every_precision(backend, rung, run_in_child) -> None:
    rows = [row for row in run_in_child(backend, ("float64", "float32"), "all").rows if row.rung == rung]
    assert rows
    assert [row for row in rows if not row.passed] == []


@pytest.mark.slow
@each_backend
def test_every_mode_was_run(backend, run_in_child) -> None:
    report = run_in_child(backend, ("float64", "float32"), "all")
    modes = {(row.precision, row.mode) for row in report.rows if row.rung == "curve"}
    assert {precision for precision, _ in modes} == {"float32", "float64"}
    assert {mode for _, mode in modes} == set(backends.load(backend).info().step_modes)

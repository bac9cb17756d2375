"""Each wrong backend passes every rung below its own, and exceeds the bound of its own by ten times."""

import math
from collections.abc import Iterator

import pytest
from wrong import CONTROLS
from wrong.wrapping import WrappedBackend

from ftcore.conformance.references import stored
from ftcore.conformance.report import Report
from ftcore.conformance.rungs import RUNGS
from ftcore.conformance.suite import run_suite
from ftcore.contract import discovery as backends

FAMILIES = ("roberta",)
NAMES = [rung.name for rung in RUNGS]


@pytest.fixture(scope="module")
def right() -> backends.Backend:
    return backends.load("torch")


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.__name__)
def test_a_fault_is_found_by_its_own_rung_and_by_none_before(control, right) -> None:
    own = CONTROLS[control]
    climbed = NAMES[: NAMES.index(own) + 1]
    report = run_suite(control(right), rungs=RUNGS[: len(climbed)], references=stored(), families=FAMILIES)
    assert {row.rung for row in report.rows} == set(climbed)
    assert [row for row in report.failures if row.rung != own] == []
    assert max(_measured_excess(report), default=0) >= 10
    assert not report.passed


def _measured_excess(report: Report) -> Iterator[float]:
    """Yield error / bound of the failures that are numbers: an exception or another shape proves nothing here."""
    for row in report.failures:
        if math.isfinite(row.error):
            yield row.error / row.bound if row.bound else math.inf


def test_every_rung_is_shown_to_fail() -> None:
    assert set(CONTROLS.values()) == set(NAMES)


def test_the_wrapping_alone_is_no_fault(right) -> None:
    report = run_suite(WrappedBackend(right), references=stored(), families=FAMILIES)
    assert report.failures == ()
    assert {row.rung for row in report.rows} == set(NAMES)

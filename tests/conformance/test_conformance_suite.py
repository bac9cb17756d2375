"""What the suite does with rungs, errors and wrong arguments, and that its cases leave nothing out."""

import json
import math
from dataclasses import dataclass

import pytest

from ftcore.conformance.bert import CASES
from ftcore.conformance.measure import Measured
from ftcore.conformance.references import References
from ftcore.conformance.report import ConformanceRow, Report
from ftcore.conformance.rungs import FAMILIES, RUNGS, Rung
from ftcore.conformance.rungs.losses import LOSS_CASES
from ftcore.conformance.rungs.optimizers import OPTIMIZER_CASES
from ftcore.conformance.suite import run_suite
from ftcore.contract import BackendInfo
from ftcore.contract.losses import LOSSES
from ftcore.contract.network import Pooling, Transformer
from ftcore.contract.optimizers import OPTIMIZERS
from ftcore.errors import BackendError

NO_REFERENCES = References("none", {})


@dataclass
class TwoModes:
    """A backend that has two step modes and builds nothing."""

    name: str = "two-modes"

    def info(self) -> BackendInfo:
        return BackendInfo(self.name, {"numpy": "2"}, ["cpu"], ["float64"], {}, {"plain": {}, "fast": {"x": 1}}, [])


def _run(*rungs: Rung, **more) -> Report:
    return run_suite(TwoModes(), rungs=rungs, references=NO_REFERENCES, **more)


def _good(subject):
    yield Measured("fine", 0.5, 1.0)


def _raises(subject):
    yield Measured("fine", 0.5, 1.0)
    raise ValueError("the reason\nand more")


def test_a_rung_is_measured_in_every_precision_and_mode() -> None:
    report = _run(Rung("r", _good))
    assert [(row.precision, row.mode) for row in report.rows] == [
        ("float64", "plain"),
        ("float64", "fast"),
        ("float32", "plain"),
        ("float32", "fast"),
    ]
    assert report.passed
    assert report.exit_code == 0


def test_a_rung_that_needs_no_mode_is_measured_once_a_precision() -> None:
    report = _run(Rung("r", _good, "precision"), Rung("s", _good, "backend"))
    places = [(row.rung, row.precision, row.mode) for row in report.rows]
    assert sorted(places) == [("r", "float32", "any"), ("r", "float64", "any"), ("s", "any", "any")]


def test_an_exception_is_a_failed_row_that_hides_no_other() -> None:
    report = _run(Rung("r", _raises, "backend"), Rung("s", _good, "backend"))
    assert [(row.rung, row.case, row.passed) for row in report.rows] == [
        ("r", "fine", True),
        ("r", "raised ValueError: the reason", False),
        ("s", "fine", True),
    ]
    assert report.exit_code == 1


def test_a_rung_that_measures_nothing_fails() -> None:
    report = _run(Rung("r", lambda subject: iter(()), "backend"))
    assert [row.case for row in report.failures] == ["nothing was measured"]


@pytest.mark.parametrize("error", [1.01, math.inf, math.nan])
def test_an_error_beyond_the_bound_or_not_a_number_fails(error) -> None:
    report = _run(Rung("r", lambda subject: iter([Measured("case", error, 1.0)]), "backend"))
    assert not report.passed


def test_no_rows_are_no_pass() -> None:
    assert not Report("name", {}, "none", ()).passed


def test_json_reads_back() -> None:
    rows = (
        ConformanceRow("r", "case", "float32", "plain", 1e-7, 1e-5, True),
        ConformanceRow("r", "other", "float32", "plain", math.inf, 1e-5, False),
    )
    report = Report("name", {"numpy": "2"}, "none", rows)
    assert json.loads(report.to_json())["rows"][1]["error"] is None
    assert json.loads(report.to_json())["passed"] is False
    assert Report.from_json(report.to_json()) == report


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"precisions": ["float46"]}, "no precision 'float46' (did you mean float64?)"),
        ({"families": ["robert"], "rungs": [FAMILIES]}, "no family 'robert' (did you mean roberta?); allowed: bert,"),
        ({"modes": ["fats"]}, "no step mode 'fats' (did you mean fast?); allowed: plain, fast"),
    ],
)
def test_a_wrong_argument_is_named(more, words) -> None:
    with pytest.raises(BackendError) as raised:
        run_suite(TwoModes(), **{"rungs": [Rung("r", _good)], "references": NO_REFERENCES, **more})
    assert words in str(raised.value)


def test_rungs_have_names_of_their_own() -> None:
    assert len({rung.name for rung in RUNGS}) == len(RUNGS) == 18


def test_every_definition_has_a_case() -> None:
    assert {case.loss.name for case in LOSS_CASES} == LOSSES.keys()
    assert {case.optimizer.name for case in OPTIMIZER_CASES} == OPTIMIZERS.keys()
    assert {case.pooling for case in CASES} == set(Pooling.__args__)
    assert {case.pair for case in CASES} == {"joint", "separate"}
    assert {case.normalize for case in CASES} == {False, True}
    bodies = [case.network().architecture.body for case in CASES]
    assert all(isinstance(body, Transformer) for body in bodies)
    assert {body.feed_forward.activation for body in bodies} >= {"gelu", "gelu_tanh", "relu"}
    assert len({body.norm.epsilon for body in bodies}) >= 3

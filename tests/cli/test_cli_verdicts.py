"""compare and conformance: what they print, and the exit code that says yes or no."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from ftcore import library
from ftcore.comparison import Comparison, MethodResult
from ftcore.comparison.comparison import Subject
from ftcore.conformance import suite
from ftcore.conformance.report import ConformanceRow as Measurement
from ftcore.conformance.report import Report


class _Disagreeing(Comparison):
    agree = False
    verdict = "one and two differ at step 7"


class _Agreeing(Comparison):
    agree = True
    verdict = "one and two agree in all 100 steps"


def _comparison(kind: type[Comparison], table: tuple[MethodResult, ...]) -> Comparison:
    subject = Subject("text-classification", "m", "t.csv", "float32", "accuracy")
    return kind(Path("runs/a"), ("one", "two"), "0" * 64, subject, (), (), table)


@pytest.mark.parametrize(("kind", "code"), [(_Agreeing, 0), (_Disagreeing, 1)])
def test_compare_prints_the_verdict_and_exits_with_it(
    kind: type[Comparison], code: int, ftcore: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = (
        MethodResult("majority class", None, "test", "accuracy", 0.125, 0.25, "[a]"),
        MethodResult("fine-tuned", "one", "test", "accuracy", 0.875, 12.5),
    )
    asked: list[Any] = []

    def compare(*arguments: Any) -> Comparison:
        asked.extend(arguments)
        return _comparison(kind, table)

    monkeypatch.setattr(library, "compare", compare)
    answer = ftcore("compare", "a.yaml", "--backends", "one, two", "--set", "training.seed=1", "--set", "threads=1")
    assert asked == [Path("a.yaml"), ["one", "two"], None, ["training.seed=1", "threads=1"]]
    assert answer.code == code
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert lines == [
        "method backend test accuracy seconds",
        "majority class 0.1250 0.2 [a]",
        "fine-tuned one 0.8750 12.5",
        kind.verdict,
        "report: runs/a/report.html",
    ]


def _report(error: float) -> Report:
    rows = (
        Measurement("1 losses", "huber, gradient", "float64", "any", 1e-15, 1e-12, True),
        Measurement("4 forward", "logits", "float32", "eager", error, 1e-5, error <= 1e-5),
    )
    return Report("one", {"frame": "1.2"}, "stored arrays", rows)


@pytest.mark.parametrize(("error", "code", "word"), [(2e-7, 0, "passed"), (3e-3, 1, "FAILED"), (math.inf, 1, "FAILED")])
def test_conformance_prints_each_error_beside_its_bound(
    error: float, code: int, word: str, ftcore: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suite, "run_suite", lambda name, rungs: _report(error))
    answer = ftcore("conformance", "--backend", "one")
    assert answer.code == code
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert lines == [
        "backend one (frame 1.2); references: stored arrays",
        "rung case precision mode error bound",
        "1 losses huber, gradient float64 any 1.0e-15 1e-12 passed",
        f"4 forward logits float32 eager {error:.1e} 1e-05 {word}",
        f"2 measurements, {code} out of bounds",
    ]
    as_json = ftcore("conformance", "--backend", "one", "--json")
    assert as_json.code == code
    assert json.loads(as_json.out)["passed"] is (code == 0)


def _of_families(name: str, families: list[str] | None) -> Report:
    rows = (
        Measurement("families", "bert: forward", "float64", "any", 2e-9, 1e-10, False, "bert", "forward"),
        Measurement("families", "bert: forward", "float32", "any", 2e-7, 1e-5, True, "bert", "forward"),
    )
    return Report(name, {"frame": "1.2"}, "", rows, f"the references of {families}")


@pytest.mark.parametrize(
    ("asked", "given"), [(["bert"], ["bert"]), (["bert", "electra"], ["bert", "electra"]), (["all"], None)]
)
def test_conformance_of_families_ends_with_one_line_each(
    asked: list[str], given: list[str] | None, ftcore: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suite, "run_families", _of_families)
    answer = ftcore("conformance", "--backend", "one", *(word for name in asked for word in ("--family", name)))
    assert answer.code == 1
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert lines[0] == "backend one (frame 1.2)"
    assert lines[-4] == f"families against the references of {given}"
    assert lines[-3].startswith("family variants forward float32 forward float64 language model float32")
    assert lines[-2] == "bert 6 2e-07 2e-09 > 1e-10 - - - - - - - - - - - FAILED"
    assert lines[-1] == "2 measurements, 1 out of bounds"


def test_conformance_of_one_rung(ftcore: Any) -> None:
    answer = ftcore("conformance", "--backend", "torch", "--rung", "tensors", "--json")
    assert answer.code == 0
    assert {row["rung"] for row in json.loads(answer.out)["rows"]} == {"tensors"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--rung", "tensor"],
            "there is no rung 'tensor' (did you mean tensors?); allowed: signatures, tensors",
        ),
        (["--rung", "losses", "--family", "bert"], "--family and --rung exclude each other: give one of them"),
    ],
)
def test_a_rung_that_cannot_be_measured_is_one_line(words: list[str], message: str, ftcore: Any) -> None:
    answer = ftcore("conformance", "--backend", "torch", *words)
    assert answer.code == 2
    assert answer.err.startswith(f"error: {message}")


def test_conformance_of_a_family_that_there_is_not_is_one_line(ftcore: Any) -> None:
    answer = ftcore("conformance", "--backend", "torch", "--family", "robert")
    assert answer.code == 2
    assert "there is no family 'robert' (did you mean roberta?); allowed: bert, roberta" in answer.err

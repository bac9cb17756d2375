"""Figures from numbers made by hand: medians after warm-up, ratios within a round, then over rounds."""

import json
from pathlib import Path

import pytest

from ftcore.bench.page import write_page
from ftcore.bench.recording import Measurement
from ftcore.bench.results import Results
from ftcore.bench.summary import Spread, figures, verdicts
from ftcore.errors import RunError
from tests.bench.by_hand import measured, results_of

RATIO = [{"contestant": "a", "baseline": "b", "goal": 2.0}]


def three_rounds() -> Results:
    # The first step is warm-up. a: 320, 160, 80 examples a second in the rounds; b: 100, 100, 20.
    rounds = [
        {"a": measured("a", [9.0, 0.1, 0.1, 0.4]), "b": measured("b", [9.0, 0.32, 0.32, 0.1])},
        {"a": measured("a", [9.0, 0.2, 0.1, 0.2]), "b": measured("b", [9.0, 0.32, 0.32, 0.32])},
        {"a": measured("a", [9.0, 0.4, 0.4, 0.4]), "b": measured("b", [9.0, 1.6, 1.6, 1.6])},
    ]
    return results_of(rounds, [1e11, 5e10, 1e11], ratios=RATIO)


def test_a_speed_is_the_median_of_steps_then_of_rounds() -> None:
    a, b = figures(three_rounds())
    assert a.examples_per_second == Spread(pytest.approx(160), pytest.approx(80), pytest.approx(320))
    assert b.examples_per_second == Spread(pytest.approx(100), pytest.approx(20), pytest.approx(100))
    assert a.tokens_per_second.median == pytest.approx(2000)
    assert a.padding == pytest.approx(512 / 400)


def test_a_ratio_is_taken_within_each_round() -> None:
    # 3.2, 1.6 and 4.0: the median of ratios, 3.2, is not the ratio of medians, 1.6.
    ratio = verdicts(three_rounds())[0]
    assert ratio.found == Spread(pytest.approx(3.2), pytest.approx(1.6), pytest.approx(4.0))
    assert ratio.met is True


def test_a_total_sees_the_slow_step_that_a_median_does_not() -> None:
    rounds = [{"a": measured("a", [9.0, 0.1, 0.1, 0.4]), "b": measured("b", [9.0, 0.2, 0.2, 0.2])}]
    ratios = [{"contestant": "a", "baseline": "b"}, {"contestant": "a", "baseline": "b", "speed": "total"}]
    median, total, _ = verdicts(results_of(rounds, [1e11], ratios=ratios))
    assert median.found.median == pytest.approx(2.0)
    assert total.found.median == pytest.approx(1.0)
    assert total.what == "a / b, examples per second, all steps"


def test_a_share_of_the_limit_is_taken_within_each_round() -> None:
    # 6e9 operations in 0.1, 0.2, 0.4 s: 6e10, 3e10, 1.5e10 a second, by the best rate of each round.
    results = three_rounds()
    share = figures(results)[0].limit_share
    assert share == Spread(pytest.approx(0.6), pytest.approx(0.15), pytest.approx(0.6))
    judged = verdicts(results)[1]
    assert (judged.what, judged.goal, judged.met) == ("share of the matrix-multiply limit, a", 0.5, True)


def test_a_goal_that_is_missed_is_not_met() -> None:
    rounds = [{"a": measured("a", [1.0, 1.0]), "b": measured("b", [1.0, 1.0])}]
    found = verdicts(results_of(rounds, [1e11], ratios=RATIO))
    assert [(judged.found.median, judged.met) for judged in found] == [(1.0, False), (pytest.approx(0.06), False)]


def test_curves_are_held_against_each_other_from_the_first_step() -> None:
    curves = [{"contestant": "a", "baseline": "b", "goal": 1e-5}]
    one, other = measured("a", [1.0, 1.0], [2.0002, 1.0]), measured("b", [1.0, 1.0], [2.0, 1.0])
    judged = verdicts(results_of([{"a": one, "b": other}], [1e11], curves=curves))[-1]
    assert judged.found.median == pytest.approx(1e-4)
    assert judged.met is False


def test_a_loss_that_is_not_finite_is_infinitely_apart() -> None:
    one, other = measured("a", [1.0], [1.0]), measured("b", [1.0], [1.0])
    one.losses = [None]
    curves = [{"contestant": "a", "baseline": "b"}]
    judged = verdicts(results_of([{"a": one, "b": other}], [1e11], warmup=0, curves=curves))[-1]
    assert judged.found.median == float("inf")


def test_results_are_written_and_read_whole(tmp_path: Path) -> None:
    results, path = three_rounds(), tmp_path / "out.json"
    path.write_text(json.dumps(results.to_json()))
    assert Results.read(path) == results
    assert json.loads(path.read_text())["complete"] is True


def test_the_page_tells_figures_goals_machine_and_versions(tmp_path: Path) -> None:
    write_page(three_rounds(), tmp_path / "speed.md")
    text, chart = (tmp_path / "speed.md").read_text(), (tmp_path / "speed.svg").read_text()
    assert "| a / b, examples per second | 3.20 (1.60 to 4.00) | 2 | met |" in text
    assert "| a | 30.00 (15.00 to 60.00) | 0.60 (0.15 to 0.60) | 1.00 GiB | 512 MiB |" in text
    assert "3 steps after 1 of warm-up, 3 rounds, 1 thread. a processor, 2 cores, 8.00 GiB" in text
    assert "Versions: a 1.0." in text
    assert "speed.svg" in text
    assert chart.count('class="bar"') == 2


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"losses": [1.0]}, "losses has 1 elements for 2 steps"),
        ({"flops_per_step": [1.0]}, "flops_per_step has 1 elements for 2 steps"),
        ({"step_seconds": [1.0, 0.0]}, "step_seconds must hold at least one step, each above 0"),
        ({"speed": 3}, "unexpected keyword argument 'speed'"),
    ],
)
def test_a_measurement_of_another_form_is_refused(change: dict[str, object], problem: str) -> None:
    content = measured("a", [1.0, 1.0]).to_json() | change
    with pytest.raises(RunError, match="not a measurement") as caught:
        Measurement.from_json(content, "a.json")
    assert problem in str(caught.value)

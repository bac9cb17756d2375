"""The step-by-step difference of loss curves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcore.comparison.curves import DECISIVE_STEPS, agreement, curve_difference, relative_difference
from ftcore.comparison.records import Training

finite = st.floats(1e-6, 1e6)


def training(losses: list[float] | np.ndarray, start: int = 1) -> Training:
    steps = np.arange(start, start + len(losses))
    zeros = np.zeros(len(losses))
    return Training(steps, np.asarray(losses, float), zeros, zeros, zeros.astype(int), zeros.astype(int))


def test_relative_difference_by_hand() -> None:
    found = relative_difference(np.asarray([2.0, 4.0, 0.0, 1.0]), np.asarray([2.0, 3.0, 0.0, 1.5]))
    assert found.tolist() == [0.0, 0.25, 0.0, 0.5]


@pytest.mark.parametrize(("first", "second"), [(np.nan, 1.0), (1.0, np.nan), (np.nan, np.nan), (np.inf, np.inf)])
def test_what_is_not_finite_never_agrees(first: float, second: float) -> None:
    assert relative_difference(np.asarray([first]), np.asarray([second])).tolist() == [np.inf]


def test_a_loss_of_zero_is_no_division_by_zero() -> None:
    assert relative_difference(np.asarray([0.0]), np.asarray([1.0]))[0] > 1e300


@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=30))
def test_largest_and_first_beyond_are_those_of_the_curve(pairs: list[tuple[float, float]]) -> None:
    first, second = training([a for a, _ in pairs]), training([b for _, b in pairs])
    found = agreement(first, second, bound=0.5)
    expected = [abs(a - b) / a for a, b in pairs]
    beyond = [step for step, value in enumerate(expected, start=1) if value > 0.5]
    assert found.largest == pytest.approx(max(expected))
    assert expected[found.largest_at - 1] == pytest.approx(max(expected))
    assert found.parted_at == (beyond[0] if beyond else None)
    assert found.through == (beyond[0] - 1 if beyond else len(pairs))
    assert found.within <= 0.5


def test_parting_is_the_first_step_beyond_the_bound() -> None:
    second = np.ones(60)
    second[36:] += 2e-4
    second[10] += 3e-7
    found = agreement(training(np.ones(60)), training(second), bound=1e-5)
    assert (found.parted_at, found.through, found.steps) == (37, 36, 60)
    assert found.within == pytest.approx(3e-7)
    assert found.largest == pytest.approx(2e-4)


def test_later_steps_are_told_apart_and_do_not_decide() -> None:
    second = np.ones(150)
    second[119] += 1e-3
    second[140] += 2e-3
    found = agreement(training(np.ones(150)), training(second), bound=1e-5)
    assert found.parted_at is None
    assert (found.steps, found.later_steps) == (DECISIVE_STEPS, 50)
    assert (found.largest, found.later_largest_at, found.later_beyond) == (0.0, 141, 120)
    assert found.later_largest == pytest.approx(2e-3)


@pytest.mark.parametrize(
    ("first", "second", "parted"), [(60, 80, 61), (80, 60, 61), (100, 120, None), (130, 101, None)]
)
def test_a_run_that_stops_within_the_decisive_steps_parts(first: int, second: int, parted: int | None) -> None:
    assert agreement(training(np.ones(first)), training(np.ones(second)), bound=1e-5).parted_at == parted


def test_difference_is_taken_at_the_steps_that_both_took() -> None:
    curve = curve_difference(training([1.0, 2.0, 4.0]), training([2.0, 3.0], start=2))
    assert curve.steps.tolist() == [2, 3]
    assert curve.relative.tolist() == [0.0, 0.25]

"""The step-by-step difference of loss curves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcore.comparison.curves import agreement, curve_difference, relative_difference
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
    assert found.beyond == (beyond[0] if beyond else None)


def test_curves_leave_each_other_at_the_first_step_beyond_the_bound() -> None:
    second = np.ones(60)
    second[36:] += 2e-4
    second[10] += 3e-7
    found = agreement(training(np.ones(60)), training(second), bound=1e-5)
    assert (found.beyond, found.steps) == (37, 60)
    assert found.largest == pytest.approx(2e-4)


def test_difference_is_taken_at_the_steps_that_both_took() -> None:
    curve = curve_difference(training([1.0, 2.0, 4.0]), training([2.0, 3.0], start=2))
    assert curve.steps.tolist() == [2, 3]
    assert curve.relative.tolist() == [0.0, 0.25]

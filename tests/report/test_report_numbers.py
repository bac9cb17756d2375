"""Numbers as people read them, and fewer points without losing peaks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcore.report import numbers
from ftcore.report.thinning import evenly, peaks


@pytest.mark.parametrize(("value", "text"), [
    (0.004, "0.00 s"), (0.42, "0.42 s"), (12.34, "12.3 s"), (59.94, "59.9 s"), (245.2, "4 min 05 s"),
    (3599.6, "1 h 00 min"), (7384, "2 h 03 min"),
])  # fmt: skip
def test_seconds(value: float, text: str) -> None:
    assert numbers.seconds(value) == text


@pytest.mark.parametrize(("value", "text"), [(512 * 2**20, "512 MiB"), (1.25 * 2**30, "1.25 GiB")])
def test_size(value: float, text: str) -> None:
    assert numbers.size(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.0, "0"), (3.14e-7, "3.1e-07"), (None, "without limit")])
def test_apart(value: float | None, text: str) -> None:
    assert numbers.apart(value) == text


def test_rate_and_metric() -> None:
    assert (numbers.rate(12.34), numbers.rate(12345.6)) == ("12.3", "12,346")
    assert (numbers.metric(0.93125), numbers.metric(123456.0)) == ("0.9313", "1.235e+05")


@given(st.integers(1, 500), st.integers(2, 50))
def test_even_places_rise_and_keep_both_ends(count: int, points: int) -> None:
    places = evenly(count, points)
    assert len(places) == min(count, points)
    assert (np.diff(places) > 0).all()
    assert (places[0], places[-1]) == (0, count - 1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300), st.integers(1, 40))
def test_peaks_keep_the_largest(values: list[float], points: int) -> None:
    array = np.asarray(values)
    places = peaks(array, points)
    assert len(places) <= max(points, 1)
    assert (np.diff(places) > 0).all()
    assert array[places].max() == array.max()

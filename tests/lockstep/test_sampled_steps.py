"""Which steps of a run every backend takes from the same state."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcore.lockstep import sampled_steps


@pytest.mark.parametrize(
    ("choice", "total", "wanted"),
    [
        ("auto", 1, (1,)),
        ("auto", 76, (1, 2, 5, 10, 20, 50, 76)),
        ("auto", 1560, (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1560)),
        ("auto", 2000, (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)),
        ("none", 76, ()),
        ([30, 3, 3, 99], 76, (3, 30)),
    ],
)
def test_by_hand(choice, total: int, wanted: tuple[int, ...]) -> None:
    assert sampled_steps(choice, total) == wanted


@given(st.integers(1, 10**7))
def test_auto_has_the_first_and_the_last_and_few_between(total: int) -> None:
    steps = sampled_steps("auto", total)
    assert (steps[0], steps[-1]) == (1, total)
    assert all(later > earlier for earlier, later in pairwise(steps))
    assert all(later <= 2.5 * earlier for earlier, later in pairwise(steps))

"""What is held out of train: by seed, in proportion, nothing lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcore.data.split import held_out
from ftcore.errors import DataError


@given(
    classes=st.lists(st.integers(0, 4), min_size=20, max_size=200),
    fraction=st.floats(0.1, 0.9),
    seed=st.integers(0, 1000),
    stratified=st.booleans(),
)
def test_every_row_is_on_one_side(classes: list[int], fraction: float, seed: int, stratified: bool) -> None:
    strata = np.asarray(classes) if stratified else None
    kept, held = held_out(len(classes), fraction, seed, strata, "validation")
    assert sorted([*kept.tolist(), *held.tolist()]) == list(range(len(classes)))
    assert (np.diff(kept) > 0).all()
    assert (np.diff(held) > 0).all()
    assert len(held) <= round(len(classes) * fraction)
    if not stratified:
        assert len(held) == round(len(classes) * fraction)


@given(
    sizes=st.lists(st.integers(10, 50), min_size=2, max_size=6), fraction=st.floats(0.1, 0.5), seed=st.integers(0, 99)
)
def test_classes_stay_in_proportion(sizes: list[int], fraction: float, seed: int) -> None:
    strata = np.repeat(np.arange(len(sizes)), sizes)
    kept, held = held_out(len(strata), fraction, seed, strata, "validation")
    for place, size in enumerate(sizes):
        taken = int((strata[held] == place).sum())
        assert abs(taken - size * fraction) <= 1
        assert (strata[kept] == place).any()
    assert len(held) == round(len(strata) * fraction)


def test_a_class_of_one_row_stays_in_train() -> None:
    strata = np.asarray([0] * 50 + [1])
    for seed in range(20):
        kept, held = held_out(51, 0.9, seed, strata, "validation")
        assert 50 in kept
        assert len(held) == 46


def test_seed_and_purpose_key_the_draw() -> None:
    draws = [
        held_out(100, 0.2, seed, None, purpose)[1].tobytes() for seed in (0, 1) for purpose in ("validation", "test")
    ]
    assert len(set(draws)) == 4
    assert draws[0] == held_out(100, 0.2, 0, None, "validation")[1].tobytes()


@pytest.mark.parametrize(("count", "fraction"), [(4, 0.1), (3, 0.9), (1, 0.5)])
def test_an_empty_side_is_an_error(count: int, fraction: float) -> None:
    with pytest.raises(DataError, match=rf"^validation: a fraction of {fraction} of {count} rows holds out \d"):
        held_out(count, fraction, 0, None, "validation")

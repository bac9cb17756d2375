"""Labels and numbers that are learned, where their text or their size is unusual."""

import numpy as np
import pytest

from ftcore.data.numbers import finite_number
from ftcore.targets.label_codes import sorted_labels
from ftcore.tasks import TASKS


@pytest.mark.parametrize("value", [1e39, "-1e39", 10**400, float("nan"), "inf"])
def test_a_number_that_float32_cannot_hold_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match="the score must be a finite number, not"):
        finite_number(value, "score")


def test_the_largest_number_is_one() -> None:
    assert finite_number(float(np.finfo(np.float32).max), "score") > 3e38


@pytest.mark.parametrize("given", [["1", "01", "10"], ["10", "01", "1"]])
def test_the_order_of_labels_does_not_depend_on_that_of_rows(given: list[str]) -> None:
    assert sorted_labels(given) == ["01", "1", "10"]


def test_one_label_is_judged_by_itself() -> None:
    targets = np.zeros((10, 1), dtype=np.float32)
    targets[3] = 1
    found = TASKS["multi-label-classification"].target.metrics(np.full((10, 1), -1.0), targets)
    assert found == {"micro_f1": 0.0, "macro_f1": 0.0, "exact_match": 0.9}

"""Arrays of the user's own as a data set."""

import numpy as np
import pytest

from ftcore.errors import DataError
from ftcore.inputs.arrays.dataset import ArrayDataset

LABELS = np.asarray([0, 1, 0, 1], dtype=np.int32)


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        (np.zeros((4, 3)), ["inputs"]),
        ([np.zeros((4, 3)), np.ones(4, dtype=np.int64)], ["0", "1"]),
        ((np.zeros((4, 3)),), ["0"]),
        ({"image": np.zeros((4, 8, 8), dtype=np.float32), "size": np.ones(4)}, ["image", "size"]),
    ],
)
def test_names_of_inputs(inputs: object, names: list[str]) -> None:
    batch = ArrayDataset(inputs, LABELS).batch(np.asarray([3, 0]))  # type: ignore[arg-type]
    assert list(batch.inputs) == names
    assert all(len(array) == 2 for array in batch.inputs.values())
    assert batch.targets["labels"].tolist() == [1, 0]
    assert (batch.example_ids.tolist(), batch.tokens, batch.examples) == ([3, 0], 0, 2)
    assert batch.weights.dtype == np.float32


def test_subset_renumbers() -> None:
    part = ArrayDataset(np.arange(4.0)[:, None], LABELS).subset(np.asarray([1, 3]))
    assert (len(part), part.targets.tolist(), part.lengths.tolist()) == (2, [1, 1], [0, 0])
    assert part.batch(np.asarray([1])).inputs["inputs"].tolist() == [[3.0]]


@pytest.mark.parametrize(
    ("inputs", "labels", "reason"),
    [
        (np.zeros((3, 2)), LABELS, r"^inputs\['inputs'\] has 3 examples, and labels has 4$"),
        ({"a": np.zeros(4), "b": np.zeros(5)}, LABELS, r"^inputs\['b'\] has 5 examples"),
        ({}, LABELS, "^inputs: there is no array$"),
        (np.zeros((0, 2)), LABELS[:0], "^labels: there is no example$"),
        (np.asarray(["a", "b", "c", "d"]), LABELS, r"^inputs\['inputs'\]: must be an array of numbers, not <U1"),
        ([[1, 2], [3]], LABELS, r"^inputs\['0'\] has 2 examples"),
        ([[[1], [2, 3]]], LABELS, r"^inputs\['0'\]: is not an array"),
        (np.zeros((4, 1)), np.float32(1.0), r"^labels: must be an array of numbers, not float32 \[\]$"),
    ],
)
def test_what_does_not_fit(inputs: object, labels: np.ndarray, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        ArrayDataset(inputs, labels)  # type: ignore[arg-type]

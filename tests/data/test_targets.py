"""Labels and numbers that are learned, where their text or their size is unusual."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas
import pytest
from data_files import prepare_in

from ftcore.data.numbers import finite_number
from ftcore.targets.label_codes import LabelCodes, sorted_labels
from ftcore.tasks import TASKS
from ftcore.text.tokenizer import Tokenizer


@pytest.mark.parametrize("value", [1e39, "-1e39", 10**400, float("nan"), "inf"])
def test_a_number_that_float32_cannot_hold_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match="the score must be a finite number, not"):
        finite_number(value, "score")


def test_the_largest_number_is_one() -> None:
    assert finite_number(float(np.finfo(np.float32).max), "score") > 3e38


@pytest.mark.parametrize("given", [["1", "01", "10"], ["10", "01", "1"]])
def test_the_order_of_labels_does_not_depend_on_that_of_rows(given: list[str]) -> None:
    assert sorted_labels(given) == ["01", "1", "10"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (["0.0", "1.0", "10.0", "2.0"], ["0", "1", "2", "10"]),
        ([0.0, 1.0, 10.0, 2.0], ["0", "1", "2", "10"]),
        ([1, 1.0, "1.0", "2"], ["1", "2"]),
        (["1", "1.5", "10"], ["1.0", "1.5", "10.0"]),
        ([1.5, 10, 2.0], ["1.5", "2.0", "10.0"]),
        (["-0.5", "-10.0", "3"], ["-10.0", "-0.5", "3.0"]),
        (["1.0", "1.1", "1.10"], ["1.0", "1.1", "1.10"]),
        (["01", "1.0", "2"], ["01", "1.0", "2"]),
        (["1.0", "beta"], ["1.0", "beta"]),
        (["9007199254740993", "9007199254740992"], ["9007199254740992", "9007199254740993"]),
        (["nan", "1.0"], ["1.0", "nan"]),
        ([True, False], ["False", "True"]),
    ],
)
def test_labels_that_are_numbers_are_named_as_a_column_of_numbers(given: list[object], wanted: list[str]) -> None:
    codes = LabelCodes(None)
    coded = [codes.code(value) for value in given]
    labels, order = codes.finish()
    assert labels == wanted
    again = LabelCodes(labels)
    assert [again.code(value) for value in given] == order[coded].tolist()


@pytest.mark.parametrize("stored", [["0.0", "1.0", "10.0", "2.0"], ["0", "1", "2", "10"]])
def test_a_number_is_the_stored_label_that_is_the_same_number(stored: list[str]) -> None:
    codes = LabelCodes(stored)
    assert [codes.code(value) for value in (10, 10.0, "10", "10.0")] == [stored.index(stored[codes.code("10.0")])] * 4
    with pytest.raises(ValueError, match="unknown label '3'"):
        codes.code(3.0)


FRAMES = {
    "integral floats": [0.0, 1.0, 10.0, 2.0],
    "integers": [0, 1, 10, 2],
    "floats": [0.5, 1.0, 10.0, 2.25],
    "strings of floats": ["0.0", "1.0", "10.0", "2.0"],
    "strings": ["b", "a", "c 1", "1.0"],
    "booleans": [True, False, True, False],
    "codes": ["007", "7", "07", "08"],
}
WRITERS: dict[str, Callable[[pandas.DataFrame, Path], object]] = {
    "csv": lambda frame, path: frame.to_csv(path, index=False),
    "tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t"),
    "jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True),
    "json": lambda frame, path: frame.to_json(path, orient="records"),
    "parquet": lambda frame, path: frame.to_parquet(path),
    "xlsx": lambda frame, path: frame.to_excel(path, index=False),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_one_frame_has_the_same_labels_in_every_format(kind: str, tmp_path: Path, tokenizer: Tokenizer) -> None:
    frame = pandas.DataFrame({"text": ["one", "two", "three", "four"], "label": FRAMES[kind]})
    found = {}
    for ending, write in WRITERS.items():
        write(frame, tmp_path / f"a.{ending}")
        data = prepare_in(tmp_path, tokenizer, train=f"a.{ending}")
        found[ending] = (data.labels, data.train.targets.tolist())
    assert len({str(one) for one in found.values()}) == 1, found


def test_one_label_is_judged_by_itself() -> None:
    targets = np.zeros((10, 1), dtype=np.float32)
    targets[3] = 1
    found = TASKS["multi-label-classification"].target.metrics(np.full((10, 1), -1.0), targets)
    assert found == {"micro_f1": 0.0, "macro_f1": 0.0, "exact_match": 0.9}

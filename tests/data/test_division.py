"""Rows of one group, and rows with equal content, lie on one side of every split; nothing else changes."""

import hashlib
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_files import write_jsonl
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcore.data.prepare import PreparedData
from ftcore.data.split import divided, held_out
from ftcore.data.units import units_of
from ftcore.errors import DataError
from ftcore.tasks import TASKS
from ftcore.text.tokenizer import Tokenizer
from tests.preparing import DataSpec, prepare


def components(*keys: list[int]) -> list[set[int]]:
    """Return the units of rows, by joining sets until nothing changes."""
    units = [{row} for row in range(len(keys[0]))]
    joined = True
    while joined:
        joined = False
        for one in units:
            others = [other for other in units if other is not one and _touch(one, other, keys)]
            if others:
                units = [unit for unit in units if unit is not one and unit not in others]
                units.append(one.union(*others))
                joined = True
                break
    return units


def _touch(one: set[int], other: set[int], keys: tuple[list[int], ...]) -> bool:
    return any({key[row] for row in one} & {key[row] for row in other} for key in keys)


def keys_of(rows: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, 9), min_size=rows, max_size=rows)


@given(st.integers(2, 14).flatmap(lambda rows: st.tuples(keys_of(rows), keys_of(rows))))
@settings(deadline=None)
def test_units_are_rows_that_are_connected(keys: tuple[list[int], list[int]]) -> None:
    found = units_of(*map(np.asarray, keys))
    numbers = list(range(len(keys[0]))) if found is None else found.tolist()
    by_number = [{row for row, own in enumerate(numbers) if own == number} for number in set(numbers)]
    assert sorted(map(sorted, by_number)) == sorted(map(sorted, components(*keys)))


rows_of_units = st.lists(st.integers(1, 6), min_size=12, max_size=60)


@given(rows_of_units, st.floats(0.1, 0.6), st.integers(0, 99), st.booleans(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_no_unit_is_divided(sizes: list[int], fraction: float, seed: int, stratified: bool, random: Any) -> None:
    units = np.repeat(np.arange(len(sizes)), sizes)
    random.shuffle(order := list(range(len(units))))
    units, classes = units[order], units[order] % 3
    strata = classes if stratified else None
    kept, held = held_out(len(units), fraction, seed, strata, "validation", units)
    assert not {*units[kept]} & {*units[held]}
    assert sorted([*kept, *held]) == list(range(len(units)))
    # A unit is taken only if that comes closer, so that each class misses its share by at most half of the largest one.
    for own in range(3) if stratified else [None]:
        of_class = np.ones(len(units), bool) if own is None else classes == own
        wanted, largest = fraction * of_class.sum(), max(sizes)
        assert abs(of_class[held].sum() - wanted) <= max(largest / 2, largest - 1) + 1
        assert of_class[kept].any()


@given(st.integers(10, 80), st.floats(0.1, 0.6), st.integers(0, 99), st.booleans())
def test_single_rows_are_drawn_as_before(count: int, fraction: float, seed: int, stratified: bool) -> None:
    strata = np.arange(count) % 4 if stratified else None
    wanted = held_out(count, fraction, seed, strata, "test")
    for units in (np.arange(count), np.arange(count)[::-1]):
        for one, other in zip(wanted, held_out(count, fraction, seed, strata, "test", units), strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_draw_is_the_same_in_every_version() -> None:
    units, strata = np.arange(300) // 3, np.arange(300) % 5
    drawn = {
        "rows": held_out(300, 0.2, 7, None, "validation")[1],
        "classes": held_out(300, 0.2, 7, strata, "validation")[1],
        "units": held_out(300, 0.2, 7, None, "validation", units)[1],
        "units and classes": held_out(300, 0.2, 7, units % 7, "validation", units)[1],
    }
    found = {name: hashlib.sha256(ids.astype("<i8").tobytes()).hexdigest()[:16] for name, ids in drawn.items()}
    assert found == DIGESTS
    assert [len(ids) for ids in drawn.values()] == [60, 60, 60, 63]


DIGESTS = {
    "rows": "2dd59c6555269cc4",
    "classes": "621054931fc8d31e",
    "units": "26abaf3d49bdc76a",
    "units and classes": "680712c5a9bf3f9d",
}


def test_groups_that_are_too_large_are_an_error() -> None:
    with pytest.raises(DataError, match="holds out 0: the rows of a group and equal rows stay together: give another"):
        held_out(30, 0.1, 0, None, "validation", np.arange(30) // 10)


def test_divided_counts_held_out_rows() -> None:
    assert divided(np.asarray([0, 1, 4]), np.asarray([0, 0, 0, 1, 1, 2])) == 3
    assert divided(np.asarray([0, 1, 2]), np.asarray([0, 0, 0, 1, 1, 2])) == 0


def read(
    folder: Path,
    tokenizer: Tokenizer,
    rows: list[dict[str, Any]],
    task: str = "text-classification",
    seed: int = 0,
    **fields: Any,
) -> tuple[PreparedData, list[str]]:
    write_jsonl(folder / "a.jsonl", rows)
    said: list[str] = []
    spec = DataSpec.model_validate({"train": "a.jsonl", **fields})
    return prepare(spec, TASKS[task], tokenizer, folder, seed, said.append), said


def rows_of(data: PreparedData) -> dict[str, list[int]]:
    """Return the rows of each split whose label is the row's number."""
    return {split: dataset.targets[:, 0].astype(int).tolist() for split, dataset in data.splits.items()}


def hashes(data: PreparedData) -> dict[str, set[int]]:
    return {split: set(dataset.hashes.tolist()) for split, dataset in data.splits.items()}


DOUBLED = [{"text": f"text number {number % 60}", "label": f"{number % 2}"} for number in range(90)]


def test_equal_rows_stay_on_one_side(tmp_path: Path, tokenizer: Tokenizer) -> None:
    data, said = read(tmp_path, tokenizer, DOUBLED, validation=0.2, test=0.2)
    assert data.overlap == {"train/validation": 0, "train/test": 0, "validation/test": 0}
    assert [len(data.splits[split]) for split in ("train", "validation", "test")] == [54, 18, 18]
    apart, _ = read(tmp_path, tokenizer, DOUBLED, validation=0.2, test=0.2, split_duplicates="apart")
    both = apart.overlap["train/validation"] + apart.overlap["validation/test"]
    told = [note for note in said if "one side" in note]
    assert told[0] == (
        "validation: rows with equal content stay on one side (data.split_duplicates); drawn one by one, "
        f"{both} of 18 rows would have an equal row in train"
    )
    assert both > 0
    assert (data.division, apart.division) == (
        {"version": 2, "duplicates": "together"},
        {"version": 2, "duplicates": "apart"},
    )


def test_nothing_is_said_where_nothing_moves(tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = [{"text": f"text {number}", "label": f"{number % 2}"} for number in range(40)]
    data, said = read(tmp_path, tokenizer, rows, validation=0.2)
    apart, _ = read(tmp_path, tokenizer, rows, validation=0.2, split_duplicates="apart")
    assert hashes(data) == hashes(apart)
    assert not [note for note in said if "one side" in note]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 30)), min_size=30, max_size=60), st.integers(0, 50))
@settings(max_examples=15, deadline=None)
def test_groups_and_equal_rows_together(
    tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer, drawn: list[tuple[int, int]], seed: int
) -> None:
    rows = [{"text": f"text {text}", "label": row, "user": f"u{user}"} for row, (user, text) in enumerate(drawn)]
    folder, columns = tmp_path_factory.mktemp("groups"), {"group": "user"}
    try:
        data, _ = read(folder, tokenizer, rows, "text-regression", seed, columns=columns, validation=0.2, test=0.2)
    except DataError as error:
        assert "holds out 0: the rows of a group" in str(error)  # noqa: PT017
        return
    sides = [[rows[row] for row in found] for found in rows_of(data).values()]
    for one, other in itertools.combinations(sides, 2):
        for name in ("user", "text"):
            assert not {row[name] for row in one} & {row[name] for row in other}
    assert sum(map(len, sides)) == len(rows)


def test_windows_of_sentences_stay_with_their_group(tmp_path: Path, tokenizer: Tokenizer) -> None:
    words, tags = ["word"] * 39, ["A", "B"] * 20
    rows = [{"tokens": [*words, f"w{row}"], "tags": tags, "doc": row // 4} for row in range(40)]
    fields: dict[str, Any] = {"columns": {"group": "doc"}, "validation": 0.2, "overlap": 4, "max_length": 16}
    data, _ = read(tmp_path, tokenizer, rows, "token-classification", **fields)
    assert data.validation is not None
    assert (data.reports["train"].rows, data.reports["validation"].rows) == (32, 8)


def test_a_column_names_the_split_of_each_row(tmp_path: Path, tokenizer: Tokenizer) -> None:
    names = ["train", "dev", "Test", "train", "validation", "train"]
    rows = [{"text": f"text {number}", "label": number, "fold": name} for number, name in enumerate(names)]
    data, said = read(tmp_path, tokenizer, rows, "text-regression", columns={"split_column": "fold"})
    assert rows_of(data) == {"train": [0, 3, 5], "validation": [1, 4], "test": [2]}
    assert [note for note in said if "split" in note] == [
        "a.jsonl: the split 'dev' is read as validation",
        "a.jsonl: the split 'Test' is read as test",
    ]


@pytest.mark.parametrize(
    ("value", "column", "message"),
    [
        ("held", "split_column", "a.jsonl:1: row 1: column 'about': the split is 'held'; allowed: train, validation"),
        (None, "split_column", "row 1: column 'about': the split is missing"),
        (None, "group", "row 1: column 'about': the group is missing"),
        ("", "group", "row 1: column 'about': the group is empty"),
        (
            0,
            "weight",
            "row 1: column 'about': the weight is 0, but must be above 0: leave rows out",
        ),
        (-1.5, "weight", "row 1: column 'about': the weight is -1.5, but must be above 0"),
        ("much", "weight", "row 1: column 'about': the weight must be a number, not 'much'"),
        (float("nan"), "weight", "row 1: column 'about': the weight must be a finite number, not nan"),
    ],
)
def test_a_wrong_value_is_named(value: Any, column: str, message: str, tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = [{"text": "x", "label": label, "about": value} for label in "ab"]
    with pytest.raises(DataError, match=message):
        read(tmp_path, tokenizer, rows, columns={column: "about"})


def test_a_column_that_does_not_exist_is_named(tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = [{"text": "x", "label": label, "weigth": 1} for label in "ab"]
    message = r"a.jsonl: there is no column 'weight' \(did you mean weigth\?\).* set data.columns.weight"
    with pytest.raises(DataError, match=message):
        read(tmp_path, tokenizer, rows, columns={"weight": "weight"})


@pytest.mark.parametrize("given", [{"validation": 0.2}, {"validation": "a.jsonl"}])
def test_a_split_is_given_once(given: dict[str, Any], tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = [{"text": f"x {row}", "label": f"{row % 2}", "fold": ["train", "dev"][row % 2]} for row in range(8)]
    with pytest.raises(DataError, match=r"data.validation: is given, but data.columns.split_column has 4 rows of"):
        read(tmp_path, tokenizer, rows, columns={"split_column": "fold"}, **given)


def test_bad_rows_that_are_left_out_have_no_weight(tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = [{"text": "" if row == 1 else f"x {row}", "label": f"{row % 2}", "weight": row + 1} for row in range(4)]
    data, _ = read(tmp_path, tokenizer, rows, columns={"weight": "weight"}, on_bad_row="skip")
    assert data.train.weights is not None
    assert data.train.weights.tolist() == [1, 3, 4]
    assert data.train.batch(np.asarray([2, 0])).weights.tolist() == [4, 1]


def test_columns_about_rows_are_read_only_if_they_are_named(tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = [{"text": f"x {row}", "label": f"{row % 2}", "weight": 2, "group": "a"} for row in range(4)]
    data, said = read(tmp_path, tokenizer, rows)
    assert data.train.weights is None
    assert "a.jsonl: columns that are not read: weight, group" in said

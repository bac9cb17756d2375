"""Sequences of numbers of every form become the same examples, once; what is wrong is named."""

import json
import re
from pathlib import Path
from typing import Any

import curves
import numpy as np
import pytest

from ftcore.data.prepare import PreparedData
from ftcore.errors import DataError
from ftcore.files.cache import cache_folder
from ftcore.inputs.series.channels import VectorInput
from ftcore.tasks import TASKS
from tests.preparing import DataSpec, prepare, prepare_inputs

TASK = TASKS["series-classification"]
TAKES = VectorInput(curves.CHANNELS)
each_form = pytest.mark.parametrize("form", curves.FORMS)


def prepared(folder: Path, takes: VectorInput = TAKES, **data: Any) -> PreparedData:
    return prepare(DataSpec.model_validate(data), TASK, takes, folder, 0, lambda text: None)


def write(folder: Path, form: str, count: int, start: int = 0) -> str:
    writer, ending = curves.FORMS[form]
    return writer(folder / f"data{ending}", count, start).name


def values_of(data: PreparedData) -> np.ndarray:
    return data.train.batch(np.arange(len(data.train))).inputs["values"]


@each_form
def test_every_form_gives_the_same_sequences(form: str, tmp_path: Path) -> None:
    data = prepared(tmp_path, train=write(tmp_path, form, 12))
    ids = np.array([5, 0, 9])
    batch = data.train.batch(ids)
    # Padded to the longest of the batch, 8 steps, and no further.
    assert batch.inputs["values"].shape == (3, 8, 3)
    for place, number in enumerate(ids):
        wanted = curves.curve(int(number)).astype(np.float32)
        np.testing.assert_array_equal(batch.inputs["values"][place, : len(wanted)], wanted)
        assert not batch.inputs["values"][place, len(wanted) :].any()
        assert batch.inputs["attention_mask"][place].tolist() == [1] * len(wanted) + [0] * (8 - len(wanted))
    assert batch.targets["labels"].tolist() == [1, 0, 1]
    assert (data.labels, batch.tokens, data.train.lengths.tolist()[:3]) == (curves.KINDS, 8 + 3 + 5, [3, 4, 5])
    assert data.reports["train"].summary() == "12 rows, 67 tokens"


@each_form
def test_sequences_are_read_once_and_found_by_content(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))
    first = prepared(tmp_path, train=write(tmp_path, form, 12))
    (built,) = cache_folder().iterdir()
    before = {path: path.stat().st_mtime_ns for path in built.iterdir()}
    again = prepared(tmp_path, train="data" + curves.FORMS[form][1])
    assert {path: path.stat().st_mtime_ns for path in cache_folder().iterdir() for path in path.iterdir()} == before
    np.testing.assert_array_equal(values_of(first), values_of(again))
    prepared(tmp_path, train="data" + curves.FORMS[form][1], standardize=True)
    assert len(list(cache_folder().iterdir())) == 1


def test_standardization_is_that_of_train_without_what_is_held_out(tmp_path: Path) -> None:
    data = prepared(tmp_path, train=write(tmp_path, "lines", 20), validation=0.2, standardize=True)
    assert data.validation is not None
    plain = prepared(tmp_path, train="data.jsonl", validation=0.2)
    real = plain.train.batch(np.arange(16)).inputs["attention_mask"].astype(bool)
    steps = values_of(plain)[real].astype(np.float64)
    wanted = ((steps - steps.mean(axis=0)) / steps.std(axis=0)).astype(np.float32)
    np.testing.assert_allclose(values_of(data)[real], wanted, rtol=1e-6, atol=1e-6)
    assert not values_of(data)[~real].any()
    held = data.validation.batch(np.arange(4)).inputs["values"][0, 0]
    unscaled = plain.validation.batch(np.arange(4)).inputs["values"][0, 0] if plain.validation else None
    np.testing.assert_allclose(held, (unscaled - steps.mean(axis=0)) / steps.std(axis=0), rtol=1e-4, atol=1e-5)


def test_a_constant_channel_stays_finite(tmp_path: Path) -> None:
    curves.write_given(tmp_path / "a.jsonl", [{"x": [[1, 2, 3], [2, 2, 5]], "label": place} for place in (0, 1)])
    values = values_of(prepared(tmp_path, train="a.jsonl", standardize=True))
    np.testing.assert_array_equal(values[0], [[-1, 0, -1], [1, 0, 1]])


def test_labels_are_not_needed_to_predict_and_columns_have_other_names(tmp_path: Path) -> None:
    for form in curves.FORMS:
        name = write(tmp_path, form, 5)
        inputs = prepare_inputs(name, {}, "joint", TAKES, tmp_path, TASK.input.forms)
        assert (len(inputs), inputs.targets.shape, inputs.batch(np.arange(3)).targets) == (5, (0,), {})
    curves.write_given(tmp_path / "b.jsonl", [{"frames": [[1, 2, 3]], "who": place} for place in (7, 8)])
    data = prepared(tmp_path, train="b.jsonl", columns={"x": "frames", "label": "who"})
    assert data.labels == ["7", "8"]
    np.savez(tmp_path / "b.npz", a=np.ones((2, 4, 3), np.int16), b=[7, 8])
    data = prepared(tmp_path, train="b.npz", columns={"x": "a", "label": "b"})
    assert (data.labels, data.train.lengths.tolist()) == (["7", "8"], [4, 4])


STEP = [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([STEP, [1.0, 2.0]], "x[1] has 2 numbers, but x[0] has 3: every step must have one number per channel"),
        ([[1.0, 2.0], [3.0, 4.0]], "x has 2 channels, but the network takes 3 (its input_size)"),
        ([STEP, [1.0, float("nan"), 3.0]], "x[1][1] is nan, but must be a finite float32"),
        ([STEP, [1.0, 2.0, 1e39]], "x[1][2] is 1e+39, but must be a finite float32"),
        ([[1, 2, 10**400]], "x has an integer that is too large for float32"),
        ([], "x is empty"),
        ([[], []], "x has 0 channels, but the network takes 3 (its input_size)"),
        (None, "x is missing"),
        ("1 2 3", "x is not a list of lists of numbers but '1 2 3'"),
        ([1.0, 2.0, 3.0], "x[0] is not a list of numbers, one per channel, but 1.0"),
        ([STEP, [1.0, "2", 3.0]], "x[1][1] is not a number but '2'"),
        ([STEP, [1.0, None, 3.0]], "x[1][1] is not a number but None"),
        ([[True, 2.0, 3.0]], "x[0][0] is not a number but True"),
        ([[STEP]], "x[0][0] is not a number but [1.0, 2.0, 3.0]"),
    ],
)
def test_a_bad_row_is_named_or_left_out(value: object, reason: str, tmp_path: Path) -> None:
    good = curves.rows(4)
    curves.write_given(tmp_path / "data.jsonl", [*good[:2], {"x": value, "label": "rising"}, *good[2:]])
    with pytest.raises(DataError, match=f"^{re.escape(f'data.jsonl:3: row 3: {reason}')}$"):
        prepared(tmp_path, train="data.jsonl")
    found = prepared(tmp_path, train="data.jsonl", on_bad_row="skip")
    assert (found.reports["train"].rejected_rows, len(found.train)) == (1, 4)
    assert found.rejected_file is not None
    assert json.loads(found.rejected_file.read_text())["reason"] == reason


def test_a_null_in_parquet_and_an_unknown_label_are_named(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    given = [*curves.rows(2), {"x": [[1.0, None, 2.0]], "label": "rising"}]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(given), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"^a\.parquet: row 3: x\[0\]\[1\] is not a number but None$"):
        prepared(tmp_path, train="a.parquet")
    curves.write_given(tmp_path / "b.jsonl", [{"x": [STEP], "label": "risng"}])
    with pytest.raises(
        DataError, match=r"^b\.jsonl:1: row 1: unknown label 'risng' \(did you mean rising\?\); known: "
    ):
        prepared(tmp_path, train=write(tmp_path, "lines", 4), test="b.jsonl")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((2, 4, 3))}, "there is no array 'labels'; its arrays are x: set data.columns.label to"),
        ({"xs": np.zeros((2, 4, 3)), "labels": [0, 1]}, "there is no array 'x' (did you mean xs?)"),
        ({"x": np.zeros((2, 3)), "labels": [0, 1]}, "'x' is float64 [2, 3], but must hold numbers [sequences, steps"),
        ({"x": np.full((2, 4, 3), "a"), "labels": [0, 1]}, "'x' is <U1 [2, 4, 3], but must hold numbers"),
        ({"x": np.zeros((2, 4, 3)), "labels": [0]}, "'labels' is [1], but must have one element for each of the 2"),
        ({"x": np.zeros((2, 4, 3)), "labels": [0, 1], "lengths": [1.0, 2.0]}, "'lengths' is float64, but must hold"),
        (
            {"x": np.zeros((2, 4, 3)), "labels": [0, 1], "lengths": [4, 5]},
            "row 2: its length is 5, but must be from 1 to the 4 steps of the array",
        ),
        ({"x": np.zeros((2, 4, 3)), "labels": [0, 1], "lengths": [0, 4]}, "row 1: its length is 0, but must be from 1"),
        ({"x": np.full((2, 4, 3), np.inf), "labels": [0, 1]}, "row 1: x[0][0] is inf, but must be a finite float32"),
        ({"x": np.zeros((2, 4, 2)), "labels": [0, 1]}, "row 1: x has 2 channels, but the network takes 3"),
        ({"x": np.zeros((0, 4, 3)), "labels": []}, "has no rows"),
        (
            {"x": np.array([np.zeros((2, 3)), np.zeros((4, 3))], dtype=object), "labels": [0, 1]},
            "is not a .npz file of numbers and text: Object arrays cannot be loaded when allow_pickle=False",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays: dict[str, Any], message: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", **arrays)
    with pytest.raises(DataError) as error:
        prepared(tmp_path, train="data.npz")
    assert str(error.value).startswith("data.npz: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_text("no array")
    with pytest.raises(DataError, match=r"^a\.npz: is not a \.npz file of numbers and text: "):
        prepared(tmp_path, train="a.npz")
    with pytest.raises(DataError, match=r"^b\.npz: there is no such file"):
        prepared(tmp_path, train="b.npz")
    (tmp_path / "c.csv").write_text('x,label\n"[[1,2,3]]",a\n')
    with pytest.raises(DataError, match=r"^c\.csv:2: row 1: x is not a list of lists of numbers but '\[\[1,2,3\]\]'$"):
        prepared(tmp_path, train="c.csv")
    curves.write_given(tmp_path / "d.jsonl", [{"y": [STEP], "label": "a"}])
    with pytest.raises(DataError, match=r"^d\.jsonl: there is no column 'x'; its columns are y, label: set data"):
        prepared(tmp_path, train="d.jsonl")


@pytest.mark.parametrize("form", ["lines", "arrays"])
def test_sequences_have_weights_and_groups(form: str, tmp_path: Path) -> None:
    name, shares = write(tmp_path, form, 12), np.arange(1, 13) / 2
    if form == "arrays":
        with np.load(tmp_path / name) as stored:
            np.savez(tmp_path / name, **stored, share=shares, who=np.arange(12) // 3)
    else:
        rows = [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
        about = [{"share": share, "who": f"w{row // 3}"} for row, share in enumerate(shares)]
        curves.write_given(tmp_path / name, [{**row, **more} for row, more in zip(rows, about, strict=True)])
    data = prepared(tmp_path, train=name, columns={"weight": "share", "group": "who"}, validation=0.25)
    assert data.validation is not None
    assert data.validation.weights is not None
    places = (np.asarray(data.validation.weights) * 2 - 1).astype(int)
    assert sorted(places.tolist()) == [3 * (places.min() // 3) + number for number in range(3)]

"""Arrays of .npz files and of folders are given as they are, mapped into memory; what does not fit is named."""

import importlib.util
import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import arrays
import numpy as np
import pytest

from ftcore.data.numpy_files import open_arrays
from ftcore.data.prepare import PreparedData
from ftcore.errors import DataError
from ftcore.inputs.arrays.shapes import ArrayInputs, array_inputs
from ftcore.models import FAMILIES
from ftcore.tasks import TASKS
from tests.preparing import DataSpec, prepare, prepare_inputs

TASK = TASKS["tensors"]
READINGS = Path(__file__).parents[2] / "examples" / "readings"


def takes(name: str, loss: str = "cross-entropy") -> ArrayInputs:
    config = arrays.NETWORKS[name]
    return array_inputs(FAMILIES[config["model_type"]].architecture(config, None), loss)


def prepared(folder: Path, inputs: ArrayInputs, **data: Any) -> PreparedData:
    return prepare(DataSpec.model_validate(data), TASK, inputs, folder, 0, lambda text: None)


def write(form: str, folder: Path, **given: np.ndarray) -> str:
    if form == "folder":
        return arrays.write_files(folder / "data", **given).name
    {"plain": np.savez, "compressed": np.savez_compressed}[form](folder / "data.npz", **given)
    return "data.npz"


@pytest.mark.parametrize("form", ["plain", "compressed", "folder"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_form_gives_the_same_arrays(form: str, order: Any, tmp_path: Path) -> None:
    array = np.asarray(arrays.inputs("pixel_values", 9), order=order)
    name = write(form, tmp_path, x=array, labels=arrays.classes(array))
    data = prepared(tmp_path, takes("pixel_values"), train=name)
    ids = np.array([7, 0, 3])
    batch = data.train.batch(ids)
    np.testing.assert_array_equal(batch.inputs["pixel_values"], array[ids])
    assert batch.targets["labels"].dtype == np.int32
    assert batch.targets["labels"].tolist() == arrays.classes(array)[ids].tolist()
    assert (data.labels, data.reports["train"].summary()) == (["0", "1", "2"], "9 rows")
    mapped = isinstance(open_arrays(name, tmp_path / name)["x"], np.memmap)
    assert mapped == (form != "compressed")


def test_a_fraction_is_held_out_and_labels_are_not_needed_to_predict(tmp_path: Path) -> None:
    array = arrays.inputs("features", 30)
    np.savez(tmp_path / "a.npz", features=array, y=np.arange(30) % 3)
    data = prepared(tmp_path, takes("features"), train="a.npz", validation=0.2, columns={"labels": "y"})
    assert data.validation is not None
    assert (len(data.train), np.bincount(data.validation.targets).tolist()) == (24, [2, 2, 2])
    np.savez(tmp_path / "b.npz", whatever=array)
    inputs = prepare_inputs("b.npz", {}, "joint", takes("features"), tmp_path, ())
    assert (len(inputs), inputs.batch(np.arange(2)).targets, inputs.targets.shape) == (30, {}, (0,))
    np.testing.assert_array_equal(inputs.batch(np.arange(2)).inputs["features"], array[:2])
    again = prepare_inputs("a.npz", {"labels": "y"}, "joint", takes("features"), tmp_path, ())
    np.testing.assert_array_equal(again.batch(np.arange(30)).inputs["features"], array)


def test_a_modules_arrays_keep_their_names_but_for_a_lone_one(tmp_path: Path) -> None:
    module = array_inputs(None, "huber")
    np.savez(tmp_path / "a.npz", ids=np.ones((4, 3), np.int16), mask=np.ones((4, 3)), labels=[1.0, 2.0, 3.0, 4.0])
    data = prepared(tmp_path, module, train="a.npz")
    batch = data.train.batch(np.arange(2))
    assert {name: array.dtype.name for name, array in batch.inputs.items()} == {"ids": "int16", "mask": "float64"}
    assert batch.targets["labels"].tolist() == [[1.0], [2.0]]
    np.savez(tmp_path / "b.npz", ids=np.ones((4, 3)), labels=np.zeros((4, 2)))
    assert list(prepared(tmp_path, module, train="b.npz").train.batch(np.arange(2)).inputs) == ["inputs"]


def test_a_mask_is_made_where_there_is_none(tmp_path: Path) -> None:
    values = arrays.inputs("values", 3)
    np.savez(tmp_path / "a.npz", values=values, labels=[0, 1, 0])
    found = prepared(tmp_path, takes("values"), train="a.npz").train.batch(np.arange(3)).inputs["attention_mask"]
    assert (found.dtype, found.sum()) == (np.int32, 18)
    mask = np.arange(6) < np.array([[6], [2], [1]])
    np.savez(tmp_path / "b.npz", values=values, attention_mask=mask, labels=[0, 1, 0])
    found = prepared(tmp_path, takes("values"), train="b.npz").train.batch(np.arange(3)).inputs["attention_mask"]
    np.testing.assert_array_equal(found, mask.astype(np.int32))


X = arrays.inputs("features", 4)
V = arrays.inputs("values", 4)
NAN = np.where(np.arange(4)[:, None] == 2, np.nan, X)
BAD: list[tuple[str, str, dict[str, Any], str]] = [
    ("features", "cross-entropy", {"features": X}, "there is no array 'labels'; its arrays are features: set data.co"),
    (
        "features",
        "cross-entropy",
        {"x": X, "y": X, "labels": [0, 1, 0, 1]},
        "the arrays besides the labels are x, y, but",
    ),
    ("features", "cross-entropy", {"labels": [0, 1, 0, 1]}, "the arrays besides the labels are none, but the net"),
    (
        "features",
        "cross-entropy",
        {"x": X[:, 1:], "labels": [0, 1, 0, 1]},
        "features is [4, 4], but the network takes [e",
    ),
    (
        "features",
        "cross-entropy",
        {"x": X[:3], "labels": [0, 1, 0, 1]},
        "inputs['features'] has 3 examples, and labels",
    ),
    (
        "features",
        "cross-entropy",
        {"x": X.astype(int), "labels": [0, 1, 0, 1]},
        "features is int64, but must be of a fl",
    ),
    ("features", "cross-entropy", {"x": NAN, "labels": [0, 1, 0, 1]}, "row 3: x has a value that is not a finite numb"),
    (
        "features",
        "cross-entropy",
        {"x": X, "labels": [0.0, 1, 0, 1]},
        "labels: cross-entropy reads integers from 0, of",
    ),
    ("features", "cross-entropy", {"x": X, "labels": [0, -1, 0, 1]}, "labels: cross-entropy reads integers from 0, of"),
    ("features", "cross-entropy", {"x": X, "labels": [0, 0, 0, 0]}, "labels: every label is 0: cross-entropy needs at"),
    (
        "features",
        "huber",
        {"x": X, "labels": ["a", "b", "c", "d"]},
        "labels: huber reads numbers of shape [examples] o",
    ),
    ("features", "huber", {"x": X, "labels": [0, 1, np.inf, 2]}, "labels: there are numbers that are not finite"),
    (
        "features",
        "binary-cross-entropy",
        {"x": X, "labels": [0, 5, 1, 0]},
        "labels: binary-cross-entropy reads numbers from 0 to 1",
    ),
    (
        "features",
        "huber",
        {"x": np.array([None] * 4), "labels": [0, 1, 1, 2]},
        "is not a .npz file of numbers and text: ",
    ),
    ("features", "huber", {"x": X[:0], "labels": []}, "labels: there is no example"),
    (
        "values",
        "huber",
        {"values": V, "attention_mask": np.eye(4, 6), "labels": [0, 1, 2, 3]},
        "attention_mask must be 1",
    ),
    (
        "values",
        "huber",
        {"values": V, "attention_mask": np.ones((4, 5)), "labels": [0, 1, 2, 3]},
        "attention_mask is [4, 5",
    ),
]


@pytest.mark.parametrize(("name", "loss", "given", "message"), BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("form", ["plain", "folder"])
def test_arrays_that_do_not_fit_are_refused(
    form: str, name: str, loss: str, given: dict[str, Any], message: str, tmp_path: Path
) -> None:
    place = write(form, tmp_path, **given)
    with pytest.raises(DataError) as error:
        prepared(tmp_path, takes(name, loss), train=place)
    assert str(error.value).startswith(place)
    assert message in str(error.value).replace("is not a .npy file", "is not a .npz file")
    assert "\n" not in str(error.value)


def test_classes_and_numbers_are_those_of_train(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=X, labels=[0, 1, 2, 1])
    np.savez(tmp_path / "b.npz", x=X, labels=[0, 1, 3, 1])
    with pytest.raises(DataError, match=r"^b\.npz: labels: there are 4 classes, but data.labels or train gives 3 o"):
        prepared(tmp_path, takes("features"), train="a.npz", test="b.npz")
    named = prepared(tmp_path, takes("features"), train="a.npz", test="b.npz", labels=["n", "e", "s", "w"])
    assert named.labels == ["n", "e", "s", "w"]
    np.savez(tmp_path / "c.npz", x=X, labels=np.ones((4, 2)))
    np.savez(tmp_path / "d.npz", x=X, labels=np.ones((4, 1)))
    message = r"^d\.npz: labels: there are 1 numbers per example, but data.labels or train gives 2"
    with pytest.raises(DataError, match=message):
        prepared(tmp_path, takes("features", "huber"), train="c.npz", test="d.npz")


@pytest.mark.parametrize("name", ["none.npz", "empty", "text.npz", "text.npy"])
def test_what_is_no_arrays_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for text in ("text.npz", "text.npy"):
        (tmp_path / text).write_text("text")
    with pytest.raises(DataError, match=f"^{re.escape(name)}: (there is no|the folder holds no|is no)"):
        prepared(tmp_path, takes("features"), train=name)


def test_readings_are_as_their_script_draws_them() -> None:
    described = importlib.util.spec_from_file_location("draw", READINGS / "draw.py")
    assert described is not None
    assert described.loader is not None
    draw = importlib.util.module_from_spec(described)
    described.loader.exec_module(draw)
    for seed, (name, count) in enumerate(draw.SPLITS.items()):
        found = open_arrays(name, READINGS / f"{name}.npz")
        for key, wanted in draw.split(count, seed).items():
            np.testing.assert_allclose(found[key], wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("form", ["plain", "compressed"])
def test_a_file_that_is_damaged_is_refused_in_one_line(form: str, tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=(40, arrays.SIZE)).astype(np.float32)
    path = tmp_path / write(form, tmp_path, x=array, labels=arrays.classes(array))
    whole = path.read_bytes()
    for damaged in (whole[:200], whole[:60] + b"\xff" * 90 + whole[150:], whole[:-30]):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"^data\.npz: is not a \.npz file of numbers and text: [^\n]+$"):
            prepared(tmp_path, takes("features"), train=path.name)


@pytest.mark.parametrize(("was", "becomes"), [(b"(3,", b"(3{"), (b"<f8", b"<08")])
def test_a_damaged_header_is_refused_in_one_line(was: bytes, becomes: bytes, tmp_path: Path) -> None:
    """NumPy's parser of a header raises errors of Python's own parser."""
    np.save(tmp_path / "x.npy", np.zeros((3, 4)))
    content = (tmp_path / "x.npy").read_bytes().replace(was, becomes)
    (tmp_path / "x.npy").write_bytes(content)
    with pytest.raises(DataError, match=r"^folder/x\.npy: is not a \.npy file of numbers and text: [^\n]+$"):
        open_arrays("folder", tmp_path)
    with ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("x.npy", content)
    with pytest.raises(DataError, match=r"^a\.npz: is not a \.npz file of numbers and text: [^\n]+$"):
        open_arrays("a.npz", tmp_path / "a.npz")


@pytest.mark.parametrize("form", ["plain", "folder"])
def test_arrays_about_examples_are_no_inputs(form: str, tmp_path: Path) -> None:
    array = arrays.inputs("features", 8)
    about = {"share": np.arange(1, 9), "fold": np.asarray(["train", "test"] * 4)}
    name = write(form, tmp_path, features=array, labels=np.arange(8) % 3, **about)
    data = prepared(tmp_path, takes("features"), train=name, columns={"weight": "share", "split_column": "fold"})
    batch = data.train.batch(np.arange(4))
    assert list(batch.inputs) == ["features"]
    assert batch.weights.tolist() == [1, 3, 5, 7]
    np.testing.assert_array_equal(batch.inputs["features"], array[::2])

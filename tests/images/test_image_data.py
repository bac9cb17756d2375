"""Images of every form become the same examples, once; what is wrong is named with its file and row."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pictures
import pytest
from PIL import Image

from ftcore.data.prepare import PreparedData
from ftcore.errors import DataError
from ftcore.files.cache import cache_folder
from ftcore.inputs.images.processor import ImageProcessor, default_processor
from ftcore.models import FAMILIES
from ftcore.tasks import TASKS
from tests.preparing import DataSpec, prepare, prepare_inputs

EIGHT_BY_EIGHT = default_processor(FAMILIES["image-cnn"].architecture(pictures.CNN, None))
each_form = pytest.mark.parametrize("form", pictures.FORMS)


def prepared(folder: Path, processor: ImageProcessor = EIGHT_BY_EIGHT, **data: Any) -> PreparedData:
    spec = DataSpec.model_validate(data)
    return prepare(spec, TASKS["image-classification"], processor, folder, 0, lambda text: None)


def write(folder: Path, form: str, count: int, start: int = 0, name: str = "data") -> str:
    writer, ending = pictures.FORMS[form]
    return writer(folder / f"{name}{ending}", count, start).name


@each_form
def test_every_form_gives_the_same_images(form: str, tmp_path: Path) -> None:
    data = prepared(tmp_path, train=write(tmp_path, form, 12))
    numbers = [*range(0, 12, 2), *range(1, 12, 2)] if form == "folder" else list(range(12))
    batch = data.train.batch(np.arange(12))
    wanted = np.stack([pictures.picture(number) for number in numbers])[:, None]
    expected = ((wanted.astype(np.float64) / 255).astype(np.float32) - np.float32(0.5)) / np.float32(0.5)
    np.testing.assert_allclose(batch.inputs["pixel_values"], expected, rtol=0, atol=1e-7)
    assert data.labels == pictures.KINDS
    assert batch.targets["labels"].tolist() == [number % 2 for number in numbers]
    assert (data.form, data.reports["train"].rows, data.reports["train"].duplicates) == ((), 12, 0)
    assert data.reports["train"].summary() == "12 rows"


def test_a_column_that_chooses_rows_is_no_pixel(tmp_path: Path) -> None:
    frame = pandas.read_csv(tmp_path / write(tmp_path, "pixels", 12))
    frame.assign(part=["used", "used", "other"] * 4).to_csv(tmp_path / "data.csv", index=False)
    found = prepared(tmp_path, train="data.csv", where={"column": "part", "is": "used"}).train.batch(np.arange(8))
    every = prepared(tmp_path, train=write(tmp_path, "pixels", 12)).train.batch(np.array([0, 1, 3, 4, 6, 7, 9, 10]))
    np.testing.assert_array_equal(found.inputs["pixel_values"], every.inputs["pixel_values"])


@each_form
def test_images_are_read_once_and_found_by_content(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))
    first = prepared(tmp_path, train=write(tmp_path, form, 12))
    (built,) = cache_folder().iterdir()
    before = {path: path.stat().st_mtime_ns for path in built.iterdir()}
    again = prepared(tmp_path, train=write(tmp_path, form, 12))
    assert {path: path.stat().st_mtime_ns for path in cache_folder().iterdir() for path in path.iterdir()} == before
    np.testing.assert_array_equal(*(data.train.batch(np.arange(12)).inputs["pixel_values"] for data in (first, again)))
    other = prepared(tmp_path, train=write(tmp_path, form, 12, start=3))
    assert len(list(cache_folder().iterdir())) == 2
    assert list(other.files.values()) != list(first.files.values())


@each_form
def test_a_fraction_is_held_out_and_labels_are_not_needed_to_predict(form: str, tmp_path: Path) -> None:
    name = write(tmp_path, form, 20)
    data = prepared(tmp_path, train=name, validation=0.2)
    assert data.validation is not None
    assert (len(data.train), len(data.validation), data.overlap) == (16, 4, {"train/validation": 0})
    assert sorted(data.validation.targets.tolist()) == [0, 0, 1, 1]
    inputs = prepare_inputs(name, {}, "joint", EIGHT_BY_EIGHT, tmp_path)
    assert (len(inputs), inputs.targets.shape, inputs.batch(np.arange(3)).targets) == (20, (0,), {})


def test_columns_and_arrays_of_other_names(tmp_path: Path) -> None:
    pictures.write_list(tmp_path / "list.csv", 4)
    text = (tmp_path / "list.csv").read_text().replace("image,label", "file,kind", 1)
    (tmp_path / "list.csv").write_text(text)
    data = prepared(tmp_path, train="list.csv", columns={"image": "file", "label": "kind"})
    assert len(data.train) == 4
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 8, 8, 1), np.uint8), y=np.array([3, 1, 3]))
    data = prepared(tmp_path, train="a.npz", columns={"image": "x", "label": "y"})
    assert (data.labels, data.train.targets.tolist()) == (["1", "3"], [1, 0, 1])


def test_unlabelled_pictures_lie_anywhere_in_a_folder(tmp_path: Path) -> None:
    pictures.write_folder(tmp_path / "some", 4)
    Image.fromarray(pictures.picture(9)).save(tmp_path / "some" / "zebra.png")
    (tmp_path / "some" / ".hidden").write_text("no image")
    found = prepare_inputs("some", {}, "joint", EIGHT_BY_EIGHT, tmp_path).batch(np.array([4]))
    last = found.inputs["pixel_values"][0, 0]
    np.testing.assert_allclose((last + 1) * 127.5, pictures.picture(9), rtol=0, atol=1e-4)


def bad_file(folder: Path) -> str:
    pictures.write_folder(folder / "data", 4)
    (folder / "data" / "bar" / "001.png").write_text("no image")
    return "data"


def cut_file(folder: Path) -> str:
    path = pictures.write_folder(folder / "data", 4) / "square" / "003.png"
    path.write_bytes(path.read_bytes()[:70])
    return "data"


def loose_file(folder: Path) -> str:
    pictures.write_folder(folder / "data", 4)
    (folder / "data" / "a.png").write_bytes((folder / "data" / "bar" / "000.png").read_bytes())
    return "data"


def missing_file(folder: Path) -> str:
    pictures.write_list(folder / "data.csv", 4)
    (folder / "files" / "bar" / "002.png").unlink()
    return "data.csv"


def deep_file(folder: Path) -> str:
    pictures.write_list(folder / "data.csv", 4)
    Image.fromarray(np.full((8, 8), 40_000, np.uint16)).save(folder / "files" / "bar" / "000.png")
    return "data.csv"


def bad_pixel(folder: Path) -> str:
    path = pictures.write_pixels(folder / "data.csv", 4)
    lines = path.read_text().splitlines()
    lines[2] = "x" + lines[2]
    path.write_text("\n".join(lines) + "\n")
    return "data.csv"


def bad_number(folder: Path) -> str:
    images = np.stack([pictures.picture(number) for number in range(3)]).astype(np.float32)
    images[1, 2, 3] = np.nan
    np.savez(folder / "data.npz", images=images, labels=np.arange(3))
    return "data.npz"


@pytest.mark.parametrize(
    ("make", "where", "reason"),
    [
        (bad_file, "data: row 2: ", "001.png' cannot be used: it is not an image that Pillow reads"),
        (cut_file, "data: row 4: ", "003.png' cannot be used: "),
        (loose_file, "data: row 1: ", "'a.png' is in no subfolder: name one by its class"),
        (missing_file, "data.csv:4: row 3: ", "files/bar/002.png' does not exist"),
        (deep_file, "data.csv:2: row 1: ", "000.png' cannot be used: it has more than 8 bits per channel"),
        (bad_pixel, "data.csv:3: row 2: ", "the pixel 'p00' is 'x"),
        (bad_number, "data.npz: row 2: ", "the image has a value that is not a finite number"),
    ],
)
def test_a_bad_row_is_named_or_left_out(make: Callable[[Path], str], where: str, reason: str, tmp_path: Path) -> None:
    name = make(tmp_path)
    with pytest.raises(DataError) as error:
        prepared(tmp_path, train=name)
    assert str(error.value).startswith(where)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
    found = prepared(tmp_path, train=name, on_bad_row="skip")
    assert found.reports["train"].rejected_rows == 1
    assert found.rejected_file is not None
    assert reason in json.loads(found.rejected_file.read_text())["reason"]


def test_an_unknown_label_is_named(tmp_path: Path) -> None:
    name, other = write(tmp_path, "arrays", 4), tmp_path / "other"
    pictures.write_folder(other, 3)
    (other / "square").rename(other / "squere")
    with pytest.raises(DataError, match=r"^other: row 3: unknown label 'squere' \(did you mean square\?\); known: "):
        prepared(tmp_path, train=name, test="other")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((2, 8, 8))}, "there is no array 'labels'; its arrays are images: set data.columns"),
        ({"image": np.zeros((2, 8, 8)), "labels": [0, 1]}, "no array 'images' (did you mean image?)"),
        (
            {"images": np.zeros((2, 64)), "labels": [0, 1]},
            "'images' is float64 [2, 64], but must hold numbers",
        ),
        (
            {"images": np.zeros((2, 8, 8)), "labels": [0]},
            "'labels' is [1], but must have one label for each",
        ),
        (
            {"images": np.zeros((2, 9, 8)), "labels": [0, 1]},
            "row 1: the image is 9 x 8, but the network takes 8 x 8: only",
        ),
        (
            {"images": np.zeros((2, 8, 8, 3)), "labels": [0, 1]},
            "row 1: the image is an array of [8, 8, 3], but must",
        ),
        (
            {"images": np.ones((2, 8, 8)), "labels": [0, 1]},
            "no pixel is above 1, but pixels are multiplied by",
        ),
        ({"images": np.array([None]), "labels": [0]}, "is not a .npz file of numbers and text"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays: dict[str, Any], message: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", **arrays)
    with pytest.raises(DataError) as error:
        prepared(tmp_path, train="data.npz")
    assert str(error.value).startswith("data.npz: ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "image,kind\na.png,x\n",
            "data.csv: there is no column 'label'; its columns are image, kind: set",
        ),
        ("p0,p1,label\n1,2,x\n", "data.csv:2: row 1: the image has 2 pixels, but the network takes 1 x 8 x 8"),
        (
            "file,label\na.png,x\n",
            "the pixel 'file' is 'a.png', but must be a number (a table of image files has",
        ),
        ("image,label\n,x\n", "data.csv:2: row 1: the image (column 'image') is '', but must be the path of a file"),
        ("image,label\na.png,\n", "data.csv:2: row 1: the image 'FOLDER/a.png' does not exist"),
    ],
)
def test_tables_that_do_not_fit_are_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(text)
    with pytest.raises(DataError) as error:
        prepared(tmp_path, train="data.csv")
    assert message in str(error.value).replace(str(tmp_path), "FOLDER")


def test_an_empty_folder_and_one_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"^empty: the folder holds no files$"):
        prepared(tmp_path, train="empty")
    with pytest.raises(DataError, match=r"the folder holds no files|there is no such file"):
        prepared(tmp_path, train="nowhere.npz")


def test_without_pillow_arrays_are_read_and_files_refused_in_one_line(tmp_path: Path) -> None:
    write(tmp_path, "arrays", 4)
    write(tmp_path, "folder", 4, name="folder")
    code = f"""
import sys
from pathlib import Path
sys.modules["PIL"] = None
sys.path.insert(0, {str(Path(pictures.__file__).parent)!r})
from tests.preparing import prepare_inputs
from ftcore.models import FAMILIES
from ftcore.inputs.images.processor import default_processor
cnn = {pictures.CNN!r}
processor = default_processor(FAMILIES["image-cnn"].architecture(cnn, None))
print(len(prepare_inputs("data.npz", {{}}, "joint", processor, Path({str(tmp_path)!r}))))
prepare_inputs("folder", {{}}, "joint", processor, Path({str(tmp_path)!r}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "4\n"
    assert "images are read with Pillow, which is not installed: pip install 'ftcore[images]'" in done.stderr


ABOUT = {
    "weight": [1, 2, 3, 4, 5, 6],
    "who": [0, 0, 1, 1, 2, 2],
    "fold": ["train", "train", "dev", "dev", "train", "test"],
}
COLUMNS = {"weight": "weight", "group": "who", "split_column": "fold"}


@pytest.mark.parametrize("form", ["list", "pixels", "arrays"])
def test_columns_about_rows_are_no_part_of_an_image(form: str, tmp_path: Path) -> None:
    name = write(tmp_path, form, 6)
    if form == "arrays":
        with np.load(tmp_path / name) as stored:
            np.savez(tmp_path / name, **stored, **{key: np.asarray(values) for key, values in ABOUT.items()})
    else:
        frame = pandas.read_csv(tmp_path / name)
        frame.assign(**ABOUT).to_csv(tmp_path / name, index=False)
    data = prepared(tmp_path, train=name, columns=COLUMNS)
    assert {split: len(part) for split, part in data.splits.items()} == {"train": 3, "validation": 2, "test": 1}
    assert data.train.batch(np.arange(3)).weights.tolist() == [1, 2, 5]
    assert data.train.batch(np.arange(3)).inputs["pixel_values"].shape == (3, 1, 8, 8)


def test_a_folder_of_classes_has_no_columns(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"^data: is a folder of images, which has no columns: leave data.columns.weight"
    ):
        prepared(tmp_path, train=write(tmp_path, "folder", 4), columns={"weight": "weight"})

"""Drawn pictures of two kinds, a square and a bar, in each form that a spec may name, and a task on them."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests import tiny

KINDS = ["bar", "square"]
SIZE = 8
CNN = {"model_type": "image-cnn", "image_size": [SIZE, SIZE], "num_channels": 1, "block_channels": [4, 4]}


def picture(number: int) -> np.ndarray:
    """Return a grey picture, uint8 [8, 8]: odd numbers are squares, even ones bars, on a background with noise."""
    draw = np.random.default_rng(number)
    found = draw.integers(0, 60, size=(SIZE, SIZE))
    top, left = draw.integers(0, 4, size=2)
    found[top : top + 4, left : left + (4 if number % 2 else 1)] = draw.integers(180, 256)
    return found.astype(np.uint8)


def label(number: int) -> str:
    return KINDS[number % 2]


def write_folder(folder: Path, count: int, start: int = 0) -> Path:
    """Write a subfolder for each class."""
    for number in range(start, start + count):
        place = folder / label(number)
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(number)).save(place / f"{number:03}.png")
    return folder


def write_list(path: Path, count: int, start: int = 0) -> Path:
    """Write a CSV that names files beside it."""
    write_folder(path.parent / "files", count, start)
    numbers = range(start, start + count)
    rows = [[f"files/{label(number)}/{number:03}.png", label(number)] for number in numbers]
    return _table(path, ["image", "label"], rows)


def write_arrays(path: Path, count: int, start: int = 0) -> Path:
    """Write a .npz file."""
    numbers = range(start, start + count)
    np.savez(
        path, images=np.stack([picture(number) for number in numbers]), labels=[label(number) for number in numbers]
    )
    return path


def write_pixels(path: Path, count: int, start: int = 0) -> Path:
    """Write a CSV with a column for each pixel."""
    columns = [f"p{row}{column}" for row in range(SIZE) for column in range(SIZE)]
    rows = [[*picture(number).ravel().tolist(), label(number)] for number in range(start, start + count)]
    return _table(path, [*columns, "label"], rows)


FORMS = {
    "folder": (write_folder, ""),
    "list": (write_list, ".csv"),
    "arrays": (write_arrays, ".npz"),
    "pixels": (write_pixels, ".csv"),
}
"""What writes each form of data, and how its name ends."""


def write_network(folder: Path, config: dict[str, Any] = CNN) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def write_task(folder: Path, form: str = "arrays", **changes: Any) -> Path:
    """Write data, a network and a spec into a folder; "a__b" changes field a.b of the spec."""
    write, ending = FORMS[form]
    for split, (count, start) in {"train": (48, 0), "validation": (12, 100), "test": (20, 200)}.items():
        write(folder / f"{split}{ending}", count, start)
    write_network(folder / "network")
    spec: dict[str, Any] = {
        "task": "image-classification",
        "model": {"from_scratch": {"architecture": "network"}},
        "data": {split: f"{split}{ending}" for split in ("train", "validation", "test")},
        "optimizer": {"name": "adamw", "learning_rate": 1e-2},
        "training": {"epochs": 3, "batch_size": 12, "seed": 3},
    }
    return tiny.write_spec(folder, spec, changes)


def _table(path: Path, header: list[str], rows: list[list[Any]]) -> Path:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path

"""Curves of two kinds, rising and falling, in each form that a spec may name, and a task on them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests import tiny

KINDS = ["falling", "rising"]
CHANNELS = 3
LSTM = {"model_type": "lstm", "input_size": CHANNELS, "hidden_size": 5, "bidirectional": True}


def curve(number: int) -> np.ndarray:
    """Return a curve, float64 [3 to 9, 3]: odd numbers rise in their second channel, even ones fall."""
    draw = np.random.default_rng(number)
    length = 3 + number % 7
    found = draw.normal(size=(length, CHANNELS)).round(3) * 0.1 + [100.0, 0.0, -5.0]
    found[:, 1] += np.arange(length) * (0.5 if number % 2 else -0.5)
    return found


def label(number: int) -> str:
    return KINDS[number % 2]


def rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"x": curve(number).tolist(), "label": label(number)} for number in range(start, start + count)]


def write_lines(path: Path, count: int, start: int = 0) -> Path:
    return write_given(path, rows(count, start))


def write_given(path: Path, given: list[dict[str, Any]]) -> Path:
    """Write these rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in given))
    return path


def write_list(path: Path, count: int, start: int = 0) -> Path:
    path.write_text(json.dumps(rows(count, start)))
    return path


def write_parquet(path: Path, count: int, start: int = 0) -> Path:
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows(count, start)), path)
    return path


def write_saved(path: Path, count: int, start: int = 0) -> Path:
    """Save a folder as the library datasets does."""
    import datasets

    datasets.Dataset.from_list(rows(count, start)).save_to_disk(path)
    return path


def write_arrays(path: Path, count: int, start: int = 0) -> Path:
    """Write a .npz file: padded, with lengths."""
    curves = [curve(number) for number in range(start, start + count)]
    padded = np.full((count, 12, CHANNELS), np.nan)
    for place, one in enumerate(curves):
        padded[place, : len(one)] = one
    lengths = np.array([len(one) for one in curves])
    np.savez(path, x=padded, lengths=lengths, labels=[label(number) for number in range(start, start + count)])
    return path


FORMS: dict[str, tuple[Callable[..., Path], str]] = {
    "lines": (write_lines, ".jsonl"),
    "list": (write_list, ".json"),
    "parquet": (write_parquet, ".parquet"),
    "saved": (write_saved, ""),
    "arrays": (write_arrays, ".npz"),
}
"""What writes each form of data, and how its name ends."""


def write_network(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({**LSTM, **changes}))
    return folder


def write_task(folder: Path, form: str = "lines", **changes: Any) -> Path:
    """Write data, a network and a spec into a folder; "a__b" changes field a.b of the spec."""
    write, ending = FORMS[form]
    folder.mkdir(exist_ok=True)
    for split, (count, start) in {"train": (48, 0), "validation": (12, 100), "test": (20, 200)}.items():
        write(folder / f"{split}{ending}", count, start)
    write_network(folder / "network")
    spec: dict[str, Any] = {
        "task": "series-classification",
        "model": {"from_scratch": {"architecture": "network"}},
        "data": {split: f"{split}{ending}" for split in ("train", "validation", "test")} | {"standardize": True},
        "optimizer": {"name": "adamw", "learning_rate": 3e-2},
        "training": {"epochs": 3, "batch_size": 12, "seed": 3},
    }
    return tiny.write_spec(folder, spec, changes)

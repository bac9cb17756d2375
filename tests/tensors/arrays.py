"""Arrays with something to learn in them, in files of each form, and specs on them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests import tiny

SIZE = 5
CLASSES = 3
NETWORKS: dict[str, dict[str, Any]] = {
    "features": {"model_type": "linear", "input_size": SIZE},
    "pixel_values": {"model_type": "image-cnn", "image_size": [6, 7], "num_channels": 2, "block_channels": [3]},
    "values": {"model_type": "gru", "input_size": 4, "hidden_size": 4},
}
"""What a network is given, to its config.json."""
SHAPES = {"features": (SIZE,), "pixel_values": (2, 6, 7), "values": (6, 4)}


def inputs(name: str, count: int, seed: int = 0) -> np.ndarray:
    """Return float32 [count, ...], of which the first value of each is telling."""
    return np.random.default_rng(seed).normal(size=(count, *SHAPES[name])).astype(np.float32)


def classes(array: np.ndarray) -> np.ndarray:
    """Return int64 [count] of 3 classes."""
    return np.digitize(array.reshape(len(array), -1)[:, 0], [-0.5, 0.5])


def numbers(array: np.ndarray) -> np.ndarray:
    """Return float64 [count, 2]."""
    flat = array.reshape(len(array), -1).astype(np.float64)
    return np.stack([flat[:, 0] - flat[:, 1], 2 * flat[:, 1] + 1], axis=1)


def labels_for(loss: str, array: np.ndarray) -> np.ndarray:
    if loss == "cross-entropy":
        return classes(array)
    return (numbers(array) > 0).astype(np.int8) if loss == "binary-cross-entropy" else numbers(array)


def write_files(folder: Path, **given: np.ndarray) -> Path:
    """Write a folder of .npy files."""
    folder.mkdir()
    for name, array in given.items():
        np.save(folder / f"{name}.npy", array)
    return folder


def write_task(folder: Path, name: str = "features", loss: str = "cross-entropy", **changes: Any) -> Path:
    """Write arrays, a network and a spec into a folder; "a__b" changes field a.b of the spec."""
    for seed, (split, count) in enumerate({"train": 48, "validation": 12, "test": 20}.items()):
        array = inputs(name, count, seed)
        np.savez(folder / f"{split}.npz", **{name: array, "labels": labels_for(loss, array)})
    (folder / "network").mkdir(exist_ok=True)
    (folder / "network" / "config.json").write_text(json.dumps(NETWORKS[name]))
    spec: dict[str, Any] = {
        "task": "tensors",
        "model": {"from_scratch": {"architecture": "network"}},
        "data": {split: f"{split}.npz" for split in ("train", "validation", "test")},
        "loss": loss,
        "optimizer": {"name": "adam", "learning_rate": 5e-2},
        "training": {"epochs": 3, "batch_size": 12, "seed": 3},
    }
    return tiny.write_spec(folder, spec, changes)

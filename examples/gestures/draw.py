"""Draw the gestures of this folder: a pen's path, x and y at each step, of one of four shapes.

    python examples/gestures/draw.py      # writes train.jsonl, validation.jsonl and test.jsonl beside this file

With t from 0 to 1 in 8 to 20 equal steps, a path is radius * shape(t) + place + noise, rounded to 3 digits:
    circle  (cos 2 pi t, sin 2 pi t)        eight  (sin 2 pi t, sin 4 pi t)
    line    (2 t - 1, t - 1/2)              wave   (2 t - 1, sin 4 pi t / 2)
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SPLITS = {"train": 120, "validation": 40, "test": 80}
"""Split to its number of gestures; its place among them is its seed."""
SHAPES: dict[str, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "circle": lambda t: (np.cos(2 * np.pi * t), np.sin(2 * np.pi * t)),
    "eight": lambda t: (np.sin(2 * np.pi * t), np.sin(4 * np.pi * t)),
    "line": lambda t: (2 * t - 1, t - 0.5),
    "wave": lambda t: (2 * t - 1, np.sin(4 * np.pi * t) / 2),
}


def split(count: int, seed: int) -> list[dict[str, Any]]:
    """Return rows {"x": [[x, y] of each step], "label": shape}."""
    draw = np.random.default_rng(seed)
    return [_row(draw, label) for label in draw.permutation(np.resize(list(SHAPES), count)).tolist()]


def _row(draw: np.random.Generator, label: str) -> dict[str, Any]:
    shape = np.stack(SHAPES[label](np.linspace(0, 1, draw.integers(8, 21))), axis=1)
    path = draw.uniform(20, 60) * (shape + draw.normal(scale=0.15, size=shape.shape)) + draw.uniform(100, 200, size=2)
    return {"x": path.round(3).tolist(), "label": label}


if __name__ == "__main__":
    for seed, (name, count) in enumerate(SPLITS.items()):
        lines = [json.dumps(row, separators=(",", ":")) + "\n" for row in split(count, seed)]
        (Path(__file__).parent / f"{name}.jsonl").write_text("".join(lines))

"""Draws the images of this folder: python examples/shapes/draw.py (NumPy alone; the same files each time).

Grey images of 16 x 16 pixels, uint8, each with one filled shape of any place, size and brightness, on noise.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

SIDE = 16
SPLITS = {"train": 400, "validation": 100, "test": 100}
Shape = Callable[[np.ndarray, np.ndarray], np.ndarray]
SHAPES: dict[str, Shape] = {
    "disc": lambda down, across: down**2 + across**2 <= 1,
    "square": lambda down, across: np.maximum(abs(down), abs(across)) <= 0.85,
    "diamond": lambda down, across: abs(down) + abs(across) <= 1.1,
    "cross": lambda down, across: (np.minimum(abs(down), abs(across)) <= 0.3) & (abs(down) <= 1) & (abs(across) <= 1),
    "ring": lambda down, across: (down**2 + across**2 <= 1) & (down**2 + across**2 >= 0.3),
}
"""Whether a point belongs to the shape, by its distance from the middle, down and across, in radii."""


def image(shape: Shape, draw: np.random.Generator) -> np.ndarray:
    """Return an image, uint8 [16, 16]."""
    radius = draw.uniform(3.5, 6.0)
    middle = draw.uniform(radius, SIDE - 1 - radius, size=2)
    down, across = (np.indices((SIDE, SIDE)) - middle[:, None, None]) / radius
    dark, bright = draw.integers(0, 60), draw.integers(120, 230)
    pixels = np.where(shape(down, across), bright, dark) + draw.normal(0, 12, size=(SIDE, SIDE))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def split(count: int, seed: int) -> dict[str, np.ndarray]:
    """Return `images`, uint8 [count, 16, 16], and `labels`, the names of their shapes."""
    draw = np.random.default_rng(seed)
    labels = draw.permutation(np.resize(list(SHAPES), count))
    return {"images": np.stack([image(SHAPES[label], draw) for label in labels]), "labels": labels}


def main() -> None:
    """Write every split."""
    for seed, (name, count) in enumerate(SPLITS.items()):
        np.savez_compressed(Path(__file__).with_name(f"{name}.npz"), **split(count, seed))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()

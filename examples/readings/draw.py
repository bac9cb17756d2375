"""Draw the readings of this folder: six sensors, and the temperature and humidity that they depend on.

    python examples/readings/draw.py      # writes train.npz, validation.npz and test.npz beside this file

With h normal [2], what is measured is features = h @ MIX + noise, and labels = h * SPREAD + MEAN. Every twentieth row
has an outlier of 20 in one feature, which is what the Huber loss is for.
"""

from pathlib import Path

import numpy as np

SPLITS = {"train": 240, "validation": 60, "test": 120}
"""Split to its number of examples; its place among them is its seed."""
MIX = np.array([[1.0, 0.5, -0.3, 0.0, 0.8, -1.0], [0.0, 1.0, 0.7, -0.6, -0.4, 0.2]])
MEAN, SPREAD = np.array([2.0, 0.5]), np.array([1.0, 0.25])


def split(count: int, seed: int) -> dict[str, np.ndarray]:
    """Return features, float32 [count, 6], and labels, float32 [count, 2]."""
    draw = np.random.default_rng(seed)
    hidden = draw.normal(size=(count, 2))
    features = hidden @ MIX + draw.normal(scale=0.2, size=(count, MIX.shape[1]))
    features[::20, seed] += 20.0
    return {"features": features.astype(np.float32), "labels": (hidden * SPREAD + MEAN).astype(np.float32)}


if __name__ == "__main__":
    for seed, (name, count) in enumerate(SPLITS.items()):
        np.savez_compressed(Path(__file__).parent / f"{name}.npz", **split(count, seed))

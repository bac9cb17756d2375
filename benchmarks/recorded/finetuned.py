"""The recorded runs of `ftcore.finetune`, which train a user's module in memory."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

import ftcore

SPLIT = {"micro_batch_size": 3, "clip_norm": 0.5, "keep": "best"}
FINETUNED: dict[str, dict[str, Any]] = {
    "finetune": {"loss": "mean-squared-error", "max_steps": 8},
    "finetune-micro-batches": {"loss": "huber", "optimizer": "adamw", "schedule": "linear", "max_steps": 8, **SPLIT},
}
"""The arguments of each run, besides rows, seed and threads."""


def finetune(name: str, inputs: Path, place: Path, backend: str) -> None:
    """Train the backend's module, and keep the run in the folder `place`."""
    rows = {split: dict(np.load(inputs / "readings" / f"{split}.npz")) for split in ("train", "validation")}
    module = _module(inputs / "own" / f"{backend}_net.py").seeded()
    held = (rows["validation"]["features"], rows["validation"]["labels"])
    ftcore.finetune(
        module,
        rows["train"]["features"],
        rows["train"]["labels"],
        **{"learning_rate": 1e-2, "batch_size": 8, "seed": 3, "threads": 1, "validation": held, **FINETUNED[name]},
        output=place / "run",
    )


def _module(path: Path) -> Any:
    described = importlib.util.spec_from_file_location(path.stem, path)
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module

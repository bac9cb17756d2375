"""The run of `ftcore.finetune` in stored/: a module in memory, and the numbers that it then gives."""

from pathlib import Path
from typing import Any

import numpy as np

import ftcore
from tests.tensors import arrays

INPUTS = arrays.inputs("features", 24)


def module(backend: str) -> Any:
    """Return a backend's module; where it is trained or loaded its parameters are set."""
    if backend == "torch":
        from torch import nn

        return nn.Sequential(nn.Linear(arrays.SIZE, 4), nn.Tanh(), nn.Linear(4, 2))
    import keras

    first = keras.layers.Dense(4, activation="tanh", name="first")
    return keras.Sequential([keras.Input((arrays.SIZE,)), first, keras.layers.Dense(2, name="second")])


def outputs(trained: Any) -> np.ndarray:
    """Return what a module gives for the inputs, float32 [24, 2]."""
    if hasattr(trained, "predict_on_batch"):
        return np.asarray(trained.predict_on_batch(INPUTS))
    import torch

    with torch.no_grad():
        return trained.eval()(torch.from_numpy(INPUTS)).numpy()


def finetune(backend: str, folder: Path) -> ftcore.Run:
    """Train a module, and write its run folder and its outputs."""
    trained = module(backend)
    run = ftcore.finetune(
        trained,
        INPUTS,
        arrays.numbers(INPUTS),
        loss="mean-squared-error",
        max_steps=6,
        batch_size=8,
        validation=0.25,
        output=folder / f"{backend}-finished",
    )
    np.save(folder / f"{backend}-outputs.npy", outputs(trained))
    return run

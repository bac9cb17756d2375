"""Run in a process of its own: train the curve case on one backend, and go on from another backend's save.

worker.py BACKEND PRECISION,PRECISION FOLDER [OTHER]: writes FOLDER/BACKEND-PRECISION.npz with the losses of steps
1 ... LAST and the save after step SAVED; with OTHER also BACKEND-from-OTHER-PRECISION.npz.
"""

import sys
from pathlib import Path

import numpy as np

from ftcore import backend as backends
from ftcore.backend import Learner, Program
from ftcore.conformance import curve
from ftcore.conformance.bert import CURVE
from ftcore.models.parameters import decay_exempt

SAVED, LAST = 5, 20


def learner(name: str, precision: str) -> Learner:
    network = CURVE.network()
    program = Program(
        network,
        CURVE.loss,
        curve.OPTIMIZER,
        curve.CLIP_NORM,
        decay_exempt=decay_exempt(network),
        precision=precision,
    )
    built = backends.load(name).build(program, "cpu")
    built.load_tensors(CURVE.tensors)
    return built


def own_run(name: str, precision: str, folder: Path) -> None:
    trained = learner(name, precision)
    losses = curve.train(trained, last=SAVED)
    saved = {f"tensors/{key}": value for key, value in trained.tensors().items()}
    saved |= {f"state/{key}": value for key, value in trained.optimizer_state().items()}
    losses += curve.train(trained, SAVED + 1, LAST)
    np.savez(folder / f"{name}-{precision}.npz", losses=np.asarray(losses), **saved)


def continued_run(name: str, other: str, precision: str, folder: Path) -> None:
    trained = learner(name, precision)
    with np.load(folder / f"{other}-{precision}.npz") as saved:
        parts = {key: saved[key] for key in saved.files}
    trained.load_tensors({key.removeprefix("tensors/"): v for key, v in parts.items() if key.startswith("tensors/")})
    trained.load_optimizer_state({k.removeprefix("state/"): v for k, v in parts.items() if k.startswith("state/")})
    loaded = {f"tensors/{key}": value for key, value in trained.tensors().items()}
    loaded |= {f"state/{key}": value for key, value in trained.optimizer_state().items()}
    losses = curve.train(trained, SAVED + 1, LAST)
    np.savez(folder / f"{name}-from-{other}-{precision}.npz", losses=np.asarray(losses), **loaded)


if __name__ == "__main__":
    _, backend_name, precisions, target, *others = sys.argv
    for chosen in precisions.split(","):
        own_run(backend_name, chosen, Path(target))
        for source in others:
            continued_run(backend_name, source, chosen, Path(target))

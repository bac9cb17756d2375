"""Run in a process of its own: train the curve case on one backend, and go on from another backend's save.

worker.py BACKEND PRECISION,PRECISION FOLDER [OTHER]: writes FOLDER/BACKEND-PRECISION.npz with the losses of steps
1 ... LAST, those of steps 1 ... SAVED with dropout on packed batches, and the save after step SAVED; with OTHER also
BACKEND-from-OTHER-PRECISION.npz.
"""

import sys
from pathlib import Path

import numpy as np

from ftcore.conformance import batches, curve
from ftcore.conformance.bert import CURVE
from ftcore.contract import Learner, Program
from ftcore.contract import discovery as backends
from ftcore.models import decay_exempt

SAVED, LAST = 5, 20
DROPOUT, WIDTH = 0.2, 18


def learner(name: str, precision: str, dropout: float = 0.0) -> Learner:
    network = CURVE.network(dropout)
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


def dropped_losses(name: str, precision: str) -> list[float]:
    """Train with dropout, packed."""
    trained = learner(name, precision, DROPOUT)
    packed = [
        batches.step(CURVE.loss, [batches.packed(CURVE.batch(step=index), WIDTH)], index, curve.RATES.at(index))
        for index in range(1, SAVED + 1)
    ]
    return [float(trained.train_step(step).loss) for step in packed]


def own_run(name: str, precision: str, folder: Path) -> None:
    trained = learner(name, precision)
    losses = curve.train(trained, last=SAVED)
    saved = {f"tensors/{key}": value for key, value in trained.tensors().items()}
    saved |= {f"state/{key}": value for key, value in trained.optimizer_state().items()}
    losses += curve.train(trained, SAVED + 1, LAST)
    curves = {"losses": np.asarray(losses), "dropped": np.asarray(dropped_losses(name, precision))}
    np.savez(folder / f"{name}-{precision}.npz", **curves, **saved)


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

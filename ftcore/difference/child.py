"""Child process that computes the outputs and gradients of networks on one backend for a batch.

`python -m ftcore.difference.child FOLDER SIDE ...` reads FOLDER/batch.npz and, for each SIDE, FOLDER/SIDE.json, and
writes the arrays to FOLDER/SIDE.npz.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.conformance import batches
from ftcore.contract import Batch, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.network import Head
from ftcore.difference.batch import read_batch
from ftcore.difference.places import places_of
from ftcore.difference.request import BATCH, Request
from ftcore.errors import BackendError
from ftcore.helpers import child_exit_code


def compute(request: Request, batch: Batch) -> dict[str, np.ndarray]:
    """Return the arrays of one network.

    Returns:
        The arrays of `ftcore.difference.places`: "hidden_states/0" (input of the blocks), "hidden_states/1" (output of
        block 0) and so on, float [tokens, hidden] without padding, or [examples, channels, height, width] for images;
        "pooled", if sequences are pooled; "logits"; "loss" (the mean); "gradient/PATH" of each parameter that the loss
        depends on; and "versions", a JSON object.
    """
    loss, backend = request.head.loss_definition(), backends.load(request.backend)
    plan = request.head.plan(Path(request.folder), request.seed)
    learner = backend.build(Program(plan.network, loss, precision=request.precision))
    learner.load_tensors(plan.tensors)
    pooled = isinstance(plan.network.head, Head)
    outputs = learner.forward(batch, Want(loss=True, hidden_states=True, pooled=pooled))
    step = batches.step(loss, [batch])
    found = learner.gradients(step)
    if outputs.loss is None or outputs.logits is None or outputs.hidden_states is None:
        raise BackendError(f"backend {request.backend!r} did not return the requested outputs")
    given: dict[str, Any] = {
        **{f"hidden_states/{index}": states for index, states in enumerate(outputs.hidden_states)},
        "pooled": outputs.pooled,
        "logits": outputs.logits,
        "loss": np.asarray(outputs.loss / step.total_weight),
    }
    masks = {place.output: place.mask for place in places_of(plan.network)}
    return {
        **{key: _real(given[key], batch, mask) for key, mask in masks.items()},
        **{f"gradient/{item.path}": found[item.name] for item in plan.network.parameters if item.name in found},
        "versions": np.asarray(json.dumps(dict(backend.info().versions))),
    }


def _real(array: np.ndarray, batch: Batch, mask: str | None) -> np.ndarray:
    """Return the positions of an array that are not padding."""
    real: np.ndarray = array if mask is None else array[batch.inputs[mask].astype(bool)]
    return real


def main(arguments: Sequence[str]) -> None:
    """Compute each network and write its arrays."""
    folder, *sides = arguments
    for side in sides:
        arrays = compute(Request.read(Path(folder) / f"{side}.json"), read_batch(Path(folder) / BATCH))
        np.savez(Path(folder) / f"{side}.npz", **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(child_exit_code(lambda: main(sys.argv[1:])))

"""Run as a child process: the outputs and gradients of networks on one backend for a batch, written as arrays.

python -m ftcore.difference.child FOLDER SIDE ...: for each reads FOLDER/SIDE.json and FOLDER/batch.npz, and writes
FOLDER/SIDE.npz.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ftcore import backend as backends
from ftcore.backend import Batch, Program, Want
from ftcore.comparison.child import exit_code
from ftcore.conformance import batches
from ftcore.difference.batch import read_batch
from ftcore.difference.request import BATCH, Request
from ftcore.errors import BackendError


def compute(request: Request, batch: Batch) -> dict[str, np.ndarray]:
    """Return the arrays of one network.

    Returns:
        "hidden_states/0" (what the blocks are given), "hidden_states/1" (of block 0) and so on, float [tokens,
        hidden], of the real tokens alone; "pooled", "logits", "loss" (the mean), "gradient/PATH" of each parameter
        that the loss reaches, and "versions", a JSON object.
    """
    loss, backend = request.head.loss_definition(), backends.load(request.backend)
    plan = request.head.plan(Path(request.folder), request.seed)
    learner = backend.build(Program(plan.network, loss, precision=request.precision))
    learner.load_tensors(plan.tensors)
    outputs = learner.forward(batch, Want(loss=True, hidden_states=True, pooled=True))
    step = batches.step(loss, [batch])
    found = learner.gradients(step)
    if outputs.loss is None or outputs.logits is None or outputs.pooled is None or outputs.hidden_states is None:
        raise BackendError(f"backend {request.backend!r} did not give the outputs that were wanted")
    real = batch.inputs["attention_mask"].astype(bool)
    return {
        **{f"hidden_states/{place}": states[real] for place, states in enumerate(outputs.hidden_states)},
        "pooled": outputs.pooled,
        "logits": outputs.logits,
        "loss": np.asarray(outputs.loss / step.total_weight),
        **{f"gradient/{item.path}": found[item.name] for item in plan.network.parameters if item.name in found},
        "versions": np.asarray(json.dumps(dict(backend.info().versions))),
    }


def main(arguments: Sequence[str]) -> None:
    """Compute each network, and write its arrays."""
    folder, *sides = arguments
    for side in sides:
        arrays = compute(Request.read(Path(folder) / f"{side}.json"), read_batch(Path(folder) / BATCH))
        np.savez(Path(folder) / f"{side}.npz", **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(exit_code(lambda: main(sys.argv[1:])))

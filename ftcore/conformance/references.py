"""Gets the float64 references of the BERT cases, which transformers computes.

A registered backend that is built on transformers computes them in a child process, because two frameworks never share
a process. If there is none besides the backend under test, the stored arrays are used.
`python -m ftcore.conformance.references` writes those again.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ftcore.conformance import array_file, batches, curve
from ftcore.conformance.bert import CASES, CURVE, BertCase
from ftcore.contract import Backend, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.optimizers import SGD
from ftcore.errors import BackendError, FtcoreError
from ftcore.helpers import MENDABLE, ChildError, captured, module_command
from ftcore.models import decay_exempt

STORED = Path(__file__).parent / "stored" / "bert.npz"
SOURCE = "transformers"


@dataclass(frozen=True)
class References:
    """Arrays by key, float64.

    Attributes:
        origin: their origin in words.
        arrays: "CASE/hidden_states" [blocks + 1, sequences, length, hidden], "CASE/logits", "CASE/loss",
            "CASE/gradient/PARAMETER", "curve/logits", "curve/losses" [steps], "curve/norms" [steps],
            "curve/final/PARAMETER".
    """

    origin: str
    arrays: Mapping[str, np.ndarray]

    def __getitem__(self, key: str) -> np.ndarray:
        """Return one array."""
        return self.arrays[key]

    def under(self, prefix: str) -> dict[str, np.ndarray]:
        """Return the arrays whose keys start with `prefix`, without it; see `arrays` for shapes."""
        return {key.removeprefix(prefix): value for key, value in self.arrays.items() if key.startswith(prefix)}


@cache
def references_for(name: str) -> References:
    """Return references for the backend `name`, from another backend if one is built on transformers."""
    for other in backends.names():
        if other != name and (found := _from_child(other)):
            return found
    return stored()


@cache
def stored() -> References:
    """Return the arrays that ship with ftcore."""
    return _read(STORED, "stored arrays")


def compute(backend: Backend) -> dict[str, np.ndarray]:
    """Return every reference array, computed by `backend` in float64; shapes as in `References.arrays`.

    Raises:
        BackendError: the backend is not built on transformers.
    """
    info = backend.info()
    if SOURCE not in info.versions:
        raise BackendError(f"backend {info.name!r} is not built on {SOURCE}: it cannot give references")
    arrays = {f"{case.name}/{key}": value for case in CASES for key, value in _case(backend, case).items()}
    return arrays | {f"{CURVE.name}/{key}": value for key, value in _curve(backend).items()}


def _case(backend: Backend, case: BertCase) -> dict[str, np.ndarray]:
    learner = backend.build(Program(case.network(), case.loss, SGD(), precision="float64"))
    learner.load_tensors(case.tensors)
    batch = case.batch()
    outputs = learner.forward(batch, Want(loss=True, hidden_states=True))
    gradients = learner.gradients(batches.step(case.loss, [batch]))
    if outputs.logits is None or outputs.hidden_states is None or outputs.loss is None:
        raise BackendError(f"backend {backend.name!r} did not return the requested outputs")
    real = batch.inputs["attention_mask"].astype(bool)[..., None]
    return {
        "hidden_states": np.stack([np.where(real, states, 0.0) for states in outputs.hidden_states]),
        "logits": outputs.logits,
        "loss": np.asarray(outputs.loss),
        **{f"gradient/{name}": value for name, value in gradients.items()},
    }


def _curve(backend: Backend) -> dict[str, np.ndarray]:
    network = CURVE.network()
    program = Program(
        network,
        CURVE.loss,
        curve.OPTIMIZER,
        curve.CLIP_NORM,
        decay_exempt=decay_exempt(network),
        precision="float64",
    )
    learner = backend.build(program)
    learner.load_tensors(CURVE.tensors)
    logits = learner.forward(CURVE.batch(), Want()).logits
    results = [learner.train_step(step) for step in curve.steps()]
    return {
        "logits": np.asarray(logits),
        "losses": np.asarray([float(result.loss) for result in results]),
        "norms": np.asarray([float(result.grad_norm) for result in results]),
        **{f"final/{name}": value for name, value in learner.tensors().items()},
    }


def _from_child(name: str) -> References | None:
    """Return the arrays of a child process with the backend `name`; None if it reports that it cannot."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "references.npz"
        child = captured(module_command(__name__, "--backend", name, "--output", str(file)))
        if child.returncode == MENDABLE:
            return None
        if child.returncode:
            raise ChildError(f"backend {name!r} failed to compute references: {child.reason}", child.exit_code)
        return _read(file, f"backend {name!r} in a child process")


def _read(file: Path, source: str) -> References:
    arrays, versions = array_file.read(file)
    return References(f"{source} ({versions})", arrays)


def _write(file: Path, candidates: Sequence[str]) -> None:
    refusals = []
    for name in candidates:
        try:
            backend = backends.load(name)
            return array_file.write(file, compute(backend), array_file.versions_text(backend.info().versions))
        except BackendError as error:
            refusals.append(str(error))
    raise BackendError("; ".join(refusals) or "no backend is registered")


def main() -> int:
    """Write the references; return 2 if no backend can compute them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", help="default: the first that is built on transformers")
    parser.add_argument("--output", type=Path, default=STORED)
    arguments = parser.parse_args()
    try:
        _write(arguments.output, [arguments.backend] if arguments.backend else backends.names())
    except FtcoreError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

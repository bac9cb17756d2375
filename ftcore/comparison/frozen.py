"""Child process that measures a linear probe on the frozen features of the pretrained model.

The features are the mean over tokens, whatever the pooling of the head, because this is the strongest simple
baseline. For an image they are the family's own pooled vector.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ftcore.comparison.probe import Examples, fit_probe
from ftcore.contract import Learner, Program, Want
from ftcore.contract import discovery as backends
from ftcore.data import Dataset, evaluation_batches
from ftcore.errors import BackendError, SpecError
from ftcore.evaluation import finite_outputs, in_order
from ftcore.files import write_json
from ftcore.helpers import child_exit_code
from ftcore.models import SequenceHead, plan_model
from ftcore.observer import Silent
from ftcore.runs import options_of, prepare_data
from ftcore.spec import TaskSpec, load_spec
from ftcore.tasks import TASKS


def measure(spec: TaskSpec, backend: str, base: Path) -> dict[str, object]:
    """Return the probe's metrics on each split, its strength C, and the seconds for features and fit."""
    target, data = TASKS[spec.task].target, prepare_data(spec, base, Silent())
    metrics_of, pair = target.class_metrics, TASKS[spec.task].input.pair(spec.data)
    if metrics_of is None:
        raise SpecError(f"the task {spec.task} has no classes")
    learner = _learner(spec, backend, base)
    began = time.perf_counter()
    examples = {
        name: Examples(pooled_features(learner, split, pair), split.targets, split.weights)
        for name, split in data.splits.items()
    }
    probe = fit_probe(
        examples["train"],
        examples.get("validation"),
        len(data.labels),
        spec.training.seed,
        lambda scores, part: metrics_of(scores, part.targets, part.weights)[target.metric],
    )
    metrics = {
        name: metrics_of(probe.scores(part.features), part.targets, part.weights)
        for name, part in examples.items()
        if name != "train"
    }
    return {"metrics": metrics, "strength": probe.strength, "seconds": round(time.perf_counter() - began, 3)}


def pooled_features(learner: Learner, dataset: Dataset, pair: str) -> np.ndarray:
    """Return the pooled vectors, float [examples, size]; for two separate texts [u, v, abs(u - v), u * v] each."""
    parts, ids = [], []
    for batch in evaluation_batches(dataset):
        pooled = finite_outputs(learner, batch, Want(logits=False, pooled=True)).pooled
        if pooled is None:
            raise BackendError("the backend did not return the requested pooled vectors")
        parts.append(_joined(pooled) if pair == "separate" else pooled)
        ids.append(batch.example_ids)
    return in_order(parts, ids)


def _joined(pooled: np.ndarray) -> np.ndarray:
    u, v = pooled[0::2], pooled[1::2]
    return np.concatenate([u, v, np.abs(u - v), u * v], axis=1)


def _learner(spec: TaskSpec, backend: str, base: Path) -> Learner:
    kind = TASKS[spec.task].input
    model = spec.model.model_copy(update={"pooling": kind.probe_pooling})
    head = SequenceHead(0, "separate" if kind.pair(spec.data) == "separate" else "joint")
    plan = plan_model(model, head, spec.training.seed, base)
    program = Program(plan.network, precision=spec.precision, options=options_of(spec, backend))
    learner = backends.load(backend).build(program, spec.device)
    learner.load_tensors(plan.tensors)
    return learner


def main(arguments: Sequence[str]) -> None:
    """Measure the probe and write the result as JSON."""
    parser = argparse.ArgumentParser(prog="python -m ftcore.comparison.frozen", description=__doc__)
    parser.add_argument("spec", type=Path)
    parser.add_argument("backend")
    parser.add_argument("output", type=Path)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    given = parser.parse_args(arguments)
    spec = load_spec(given.spec, given.overrides)
    write_json(given.output, measure(spec, given.backend, given.spec.parent))


if __name__ == "__main__":
    sys.exit(child_exit_code(lambda: main(sys.argv[1:])))

"""What the peers share: the spec's work, read through ftcore's core, and what they can carry out of it."""

import argparse
import importlib
import os

import numpy as np

from ftcore.bench.assignment import Assignment, assignment_of
from ftcore.data.sampler import EpochSampler
from ftcore.models import StepFlops
from ftcore.runs.binding import Bound

WANTED = {
    "family": "bert",
    "pooling": "pooler",
    "pair": "single",
    "loss": "cross-entropy",
    "optimizer": "adamw",
    "schedule": "linear",
    "precision": "float32",
    "trainable": "all",
}
"""The peers train transformers' BertForSequenceClassification (or KerasHub's BERT) in the usual way and no other."""


class Work:
    """One assignment with everything that it names read.

    Attributes:
        given: the parsed arguments, the peer's own among them.
        assignment: what to do.
        bound: the spec with its data and model.
        rows: the token ids of every training example, special tokens included.
        labels: int32 [examples].
        flops: counts a step's operations.
    """

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.given = parser.parse_args()
        self.assignment: Assignment = assignment_of(self.given)
        self.bound: Bound = self.assignment.bind()
        check(self.bound)
        self.rows = token_rows(self.bound)
        self.labels: np.ndarray = self.bound.data.train.targets
        self.flops: StepFlops | None = self.bound.network.flops

    def order(self) -> list[np.ndarray]:
        """Return the examples of each step: ftcore's own order, int64 [batch] each."""
        plan = self.bound.plan
        sampler = EpochSampler(len(self.rows), plan.batch_size, plan.seed)
        return [sampler.ids(step) for step in range(1, self.assignment.steps + 1)]

    def lengths(self, ids: np.ndarray) -> np.ndarray:
        """Return the tokens of these examples."""
        return np.array([len(self.rows[number]) for number in ids])


def check(bound: Bound) -> None:
    """Stop where the spec asks for what a peer does not do."""
    spec, head = bound.spec, bound.network.model.network.head
    found = {
        "family": bound.network.model.network.architecture.family,
        "pooling": head.pooling,
        "pair": head.pair,
        "loss": bound.loss.name,
        "optimizer": spec.optimizer.name,
        "schedule": spec.schedule.name,
        "precision": spec.precision,
        "trainable": "all" if bound.network.trainable is None else "a part",
    }
    for name, value in WANTED.items():
        if found[name] != value:
            raise SystemExit(f"the peers do {name} {value}, and the spec has {found[name]}: set it for all contestants")


def token_rows(bound: Bound, step: int = 1024) -> list[list[int]]:
    """Return the token ids of every training example, as a peer's own tokenisation would."""
    train, rows = bound.data.train, []
    for start in range(0, len(train), step):
        inputs = train.batch(np.arange(start, min(start + step, len(train)))).inputs
        if inputs["token_type_ids"].any():
            raise SystemExit("the peers read one text an example, and this data has two")
        lengths = inputs["attention_mask"].sum(axis=1)
        rows += [ids[:length].tolist() for ids, length in zip(inputs["input_ids"], lengths, strict=True)]
    return rows


def versions(*modules: str) -> dict[str, str]:
    """Return the version that each module tells of itself: a package may be installed under several names."""
    return {name: str(importlib.import_module(name).__version__) for name in modules}


def quiet_tensorflow(threads: int) -> None:
    """Set what is read when TensorFlow is imported."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)

"""Code that the peers share: reads the work of a spec with ftcore, and checks that they support it."""

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
"""Required settings: the peers train transformers' BertForSequenceClassification, or KerasHub's BERT, as usual."""


class Work:
    """An assignment with its data and model.

    Attributes:
        given: the parsed arguments, including the peer's own.
        assignment: the assignment.
        bound: the spec with its data and model.
        rows: the token ids of every training example, including special tokens.
        labels: int32 [examples].
        flops: counts the operations of a step.
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
    """Exit if the spec asks for something that the peers do not support."""
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
    """Return the token ids of every training example, as from a peer's own tokenizer."""
    train, rows = bound.data.train, []
    for start in range(0, len(train), step):
        inputs = train.batch(np.arange(start, min(start + step, len(train)))).inputs
        if inputs["token_type_ids"].any():
            raise SystemExit("the peers read one text per example, but this data has two")
        lengths = inputs["attention_mask"].sum(axis=1)
        rows += [ids[:length].tolist() for ids, length in zip(inputs["input_ids"], lengths, strict=True)]
    return rows


def versions(*modules: str) -> dict[str, str]:
    """Return the version in each module, because a package may be installed under several names."""
    return {name: str(importlib.import_module(name).__version__) for name in modules}


def quiet_tensorflow(threads: int) -> None:
    """Set the variables that TensorFlow reads on import."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)

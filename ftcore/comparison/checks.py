"""Checks that runs had the same work: the same spec, data, initial weights, batches and learning rates."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ftcore.comparison.records import Record


@dataclass(frozen=True)
class Check:
    """One property that must be the same in every run.

    Attributes:
        subject: its name.
        values: its short form for each backend.
    """

    subject: str
    values: Mapping[str, str]

    @property
    def same(self) -> bool:
        """Whether it is the same in every run."""
        return len(set(self.values.values())) == 1


def check_work(records: Sequence[Record]) -> tuple[Check, ...]:
    """Return every check, over the steps that all runs took."""
    steps = min(len(record.training.steps) for record in records)
    subjects: dict[str, Callable[[Record], str]] = {
        # A run of an earlier version that goes on gets its new hash in environment.json.
        "spec": lambda record: short(record.environment["spec_sha256"]),
        "seed": lambda record: str(record.environment["seed"]),
        "data": lambda record: _digest(sorted(record.environment["data"].values())),
        "initial weights": lambda record: short(record.environment["weights_sha256"] or "drawn from the seed"),
        "examples and tokens of each step": lambda record: _batches(record, steps),
        "learning rates": lambda record: _digest(record.training.learning_rates[:steps].tolist()),
    }
    return tuple(
        Check(subject, {record.backend: value(record) for record in records}) for subject, value in subjects.items()
    )


def short(sha256: str) -> str:
    """Return the first 12 digits of a hash; other text is returned unchanged."""
    return sha256[:12] if len(sha256) == 64 else sha256


def _batches(record: Record, steps: int) -> str:
    training = record.training
    examples, tokens = training.examples[:steps], training.tokens[:steps]
    counts = _digest([examples.tolist(), tokens.tolist()])
    return f"{examples.sum()} examples, {tokens.sum()} tokens in {steps} steps ({counts})"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:12]

"""Reads a finished run from its folder as columns of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.errors import RunError
from ftcore.files import read_json
from ftcore.loop import Run


@dataclass(frozen=True)
class Training:
    """The training steps of a run, one element per step.

    Attributes:
        steps: int64 [steps], rising.
        losses, learning_rates, grad_norms: float64 [steps].
        examples, tokens: int64 [steps], the counts of each step.
    """

    steps: np.ndarray
    losses: np.ndarray
    learning_rates: np.ndarray
    grad_norms: np.ndarray
    examples: np.ndarray
    tokens: np.ndarray


@dataclass(frozen=True)
class Evaluation:
    """One evaluation of a split."""

    step: int
    split: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Record:
    """A finished run.

    Attributes:
        backend: name of the backend.
        result: content of result.json.
        environment: content of environment.json.
        spec: text of spec.yaml.
        training: all steps.
        evaluations: all evaluations, in order.
    """

    backend: str
    result: Mapping[str, Any]
    environment: Mapping[str, Any]
    spec: str
    training: Training
    evaluations: tuple[Evaluation, ...]

    def final(self, metric: str) -> tuple[str, float] | None:
        """Return the split, which is test if there is one, and the final value of a metric on it."""
        for split in ("test", "validation"):
            metrics = self.result["metrics"].get(split, {})
            if metric in metrics:
                return split, float(metrics[metric])
        return None


def read_record(backend: str, folder: Path) -> Record:
    """Read a run folder.

    Raises:
        RunError: it holds no finished run, or one of its files is damaged.
    """
    run = Run(folder)
    try:
        history = run.history
        return Record(
            backend=backend,
            result=run.result,
            environment=read_json(folder / "environment.json"),
            spec=(folder / "spec.yaml").read_text(encoding="utf-8"),
            training=_training([event for event in history if event["event"] == "train"]),
            evaluations=tuple(_evaluation(event) for event in history if event["event"] == "eval"),
        )
    except FileNotFoundError as error:
        raise RunError(f"{error.filename} is missing: the run in {folder} is incomplete, run it again") from error
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{folder} is a damaged run ({error}): run it again") from error


def _training(events: Sequence[Mapping[str, Any]]) -> Training:
    return Training(
        steps=_column(events, "step", np.int64),
        losses=_column(events, "loss", np.float64),
        learning_rates=_column(events, "learning_rate", np.float64),
        grad_norms=_column(events, "grad_norm", np.float64),
        examples=_column(events, "examples", np.int64),
        tokens=_column(events, "tokens", np.int64),
    )


def _column(events: Sequence[Mapping[str, Any]], name: str, dtype: type[np.generic]) -> np.ndarray:
    return np.asarray([event[name] for event in events], dtype=dtype)


def _evaluation(event: Mapping[str, Any]) -> Evaluation:
    return Evaluation(int(event["step"]), str(event["split"]), dict(event["metrics"]))

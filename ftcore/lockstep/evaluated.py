"""Measures how far two backends differ in the evaluation of one state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ftcore.lockstep.bounds import EVALUATION_BOUNDS
from ftcore.lockstep.quantity import Quantity, equal, relative, worst
from ftcore.lockstep.result import EvaluationDifference

TIES = 0.01
"""Share of predictions that may differ although outputs agree, because their two best answers are equally good."""


@dataclass(frozen=True)
class Findings:
    """The evaluation of a split.

    Attributes:
        metrics: the loss and metrics.
        outputs: the logits, float [rows, ...]; None for a language model.
        predictions: what is predicted for each row, without scores, as JSON.
        written: generated texts.
    """

    metrics: Mapping[str, float]
    outputs: np.ndarray | None
    predictions: Sequence[str]
    written: Sequence[str]


def compare_findings(split: str, wanted: Findings, found: Findings, precision: str) -> EvaluationDifference:
    """Return how far the evaluation of a backend differs from the reference's."""
    bounds = EVALUATION_BOUNDS[precision]
    said, other = ([*one.predictions, *one.written] for one in (wanted, found))
    if strange := _strange(wanted, found):
        return EvaluationDifference(split, len(said), len(said), (equal("evaluation", strange),))
    differing = sum(one != two for one, two in zip(said, other, strict=True))
    metrics = worst("metrics", _metrics(wanted, found, only_loss=differing > 0), bounds.metrics)
    quantities = [*_outputs(wanted.outputs, found.outputs, bounds.outputs), metrics]
    if said:
        allowed = max(TIES, 1 / len(said)) if differing else 0.0
        quantities.append(Quantity("predictions", differing / len(said), allowed))
    return EvaluationDifference(split, len(said), differing, tuple(quantities))


def _strange(wanted: Findings, found: Findings) -> list[str]:
    """Return what only one of two evaluations has."""
    return [
        *sorted(set(wanted.metrics) ^ set(found.metrics)),
        *(["predictions"] if len(wanted.predictions) != len(found.predictions) else []),
        *(["written texts"] if len(wanted.written) != len(found.written) else []),
    ]


def _metrics(wanted: Findings, found: Findings, only_loss: bool) -> dict[str, float]:
    """Return the difference of each metric, relative if it is above 1; of the loss alone if predictions differ."""
    compared = ["loss"] if only_loss else list(wanted.metrics)
    return {metric: relative(found.metrics[metric], wanted.metrics[metric], floor=1.0) for metric in compared}


def _outputs(wanted: np.ndarray | None, found: np.ndarray | None, bound: float) -> list[Quantity]:
    """Return the error of the worst row, relative to its size or that of a usual row."""
    if wanted is None or found is None:
        return []
    if wanted.shape != found.shape:
        return [equal("outputs", ["their shape"])]
    one, other = (array.reshape(len(array), -1).astype(np.float64) for array in (wanted, found))
    sizes, apart = np.linalg.norm(one, axis=1), np.linalg.norm(other - one, axis=1)
    usual = float(np.sqrt((sizes**2).mean()))
    errors = apart / np.maximum(np.maximum(sizes, usual), np.finfo(np.float64).tiny)
    row = int(errors.argmax())
    return [Quantity("outputs", float(errors[row]) if np.isfinite(errors).all() else np.inf, bound, f"row {row + 1}")]

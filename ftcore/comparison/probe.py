"""A linear probe: logistic regression on frozen features, with a penalty chosen on validation."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from ftcore.data import held_out
from ftcore.errors import RunError

STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)
HELD_OUT = 0.2
"""Fraction of train on which the strength is chosen if the data has no validation split."""


@dataclass(frozen=True)
class Examples:
    """Features and their classes.

    Attributes:
        features: float [examples, size].
        targets: int32 [examples].
        weights: float32 [examples]; None for 1.
    """

    features: np.ndarray
    targets: np.ndarray
    weights: np.ndarray | None = None

    def at(self, ids: np.ndarray) -> "Examples":
        """Return the examples with these ids, int [examples]."""
        return Examples(self.features[ids], self.targets[ids], None if self.weights is None else self.weights[ids])


Score = Callable[[np.ndarray, Examples], float]
"""Maps scores float [examples, classes] of examples to a number; more is better."""


@dataclass(frozen=True)
class Probe:
    """A fitted probe.

    Attributes:
        strength: sklearn's C, the inverse of the L2 penalty.
        classes: number of columns that `scores` returns.
    """

    strength: float
    classes: int
    regression: Any

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Return probabilities, float [examples, classes]; 0 for classes absent from train.

        Args:
            features: float [examples, size].
        """
        found = np.zeros((len(features), self.classes))
        found[:, self.regression.classes_] = self.regression.predict_proba(features)
        return found


def fit_probe(train: Examples, validation: Examples | None, classes: int, seed: int, score: Score) -> Probe:
    """Fit the probe with the strength that scores best on validation, or the lowest of several equals.

    Args:
        train: the examples to fit.
        validation: the examples that choose the strength; None holds out a part of train, then fits on all of train.
        classes: number of labels.
        seed: selects the held-out part.
        score: the task's metric.
    """
    fitted_on, chosen_on = _choice_sets(train, validation, seed)
    probes = [_fit(fitted_on, strength, classes) for strength in STRENGTHS]
    best = max(probes, key=lambda probe: score(probe.scores(chosen_on.features), chosen_on))
    return best if fitted_on is train else _fit(train, best.strength, classes)


def _choice_sets(train: Examples, validation: Examples | None, seed: int) -> tuple[Examples, Examples]:
    if validation is not None:
        return train, validation
    kept, held = held_out(len(train.targets), HELD_OUT, seed, train.targets, "frozen baseline")
    return train.at(kept), train.at(held)


def _fit(train: Examples, strength: float, classes: int) -> Probe:
    if len(np.unique(train.targets)) < 2:
        raise RunError("compare.baselines frozen: train has only one class, so there is nothing to separate")
    with warnings.catch_warnings():
        # The strengths at the ends of the grid may not converge; then validation does not choose them.
        warnings.simplefilter("ignore", ConvergenceWarning)
        regression = LogisticRegression(C=strength, max_iter=1000)
        regression.fit(train.features, train.targets, train.weights)
    return Probe(strength, classes, regression)

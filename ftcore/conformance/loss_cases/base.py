"""What a loss is measured with, and how logits are drawn."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ftcore.contract.losses import Loss
from ftcore.contract.seeds import generator

EXAMPLES, OUTPUTS = 6, 4
WEIGHTS = np.asarray([0.5, 2.0, 0.0, 1.0, 0.25, 3.0], dtype=np.float32)

Labels = Callable[[np.random.Generator, np.ndarray], np.ndarray]
"""Draws labels for logits, float64 [rows, outputs], which it may change."""


@dataclass(frozen=True)
class LossCase:
    """One loss with its options, and what to draw for it.

    Attributes:
        name: unique.
        loss: the definition.
        labels: draws the labels.
        logit_scale: standard deviation of the logits.
        weighted: whether examples have weights of their own.
        shape: of the logits.
    """

    name: str
    loss: Loss
    labels: Labels
    logit_scale: float = 2.0
    weighted: bool = False
    shape: tuple[int, int] = (EXAMPLES, OUTPUTS)

    def draw(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return logits float64 [rows, outputs], which float32 holds exactly, labels, and weights float32 [labels]."""
        draws = generator(0, "conformance", "losses", self.name)
        logits = as_float32(self.logit_scale * draws.standard_normal(self.shape))
        labels = self.labels(draws, logits)
        weights = WEIGHTS[: len(labels)] if self.weighted else np.ones(len(labels), dtype=np.float32)
        return logits, labels, weights


def as_float32(values: np.ndarray) -> np.ndarray:
    """Return the nearest numbers that float32 holds, float64 of the same shape as `values`, which is any."""
    return np.asarray(values.astype(np.float32).astype(np.float64))

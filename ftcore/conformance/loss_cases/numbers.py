"""Cases of the losses of numbers: one exact hit, and one hit of a Huber loss's delta."""

import numpy as np

from ftcore.conformance.loss_cases.base import LossCase, as_float32
from ftcore.contract.losses import Huber, MeanAbsoluteError, MeanSquaredError


def _near(draws: np.random.Generator, logits: np.ndarray) -> np.ndarray:
    labels = (logits + draws.standard_normal(logits.shape)).astype(np.float32)
    logits[0, :2] = as_float32(labels[0, :2] + np.asarray([0.0, 0.25]))
    return labels


CASES = (
    LossCase("mean squared error, example weights", MeanSquaredError(), _near, weighted=True),
    LossCase("mean absolute error, example weights", MeanAbsoluteError(), _near, weighted=True),
    LossCase("Huber, delta 1", Huber(), _near),
    LossCase("Huber, delta 0.25, example weights", Huber(delta=0.25), _near, weighted=True),
)

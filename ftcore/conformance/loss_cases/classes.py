"""Cases of the losses of classes."""

import numpy as np

from ftcore.conformance.loss_cases.base import LossCase
from ftcore.contract.losses import BinaryCrossEntropy, CrossEntropy

PER_OUTPUT = (0.5, 2.0, 1.0, 3.0)


def _one(draws: np.random.Generator, logits: np.ndarray) -> np.ndarray:
    return draws.integers(0, logits.shape[1], size=len(logits)).astype(np.int32)


def _several(draws: np.random.Generator, logits: np.ndarray) -> np.ndarray:
    return draws.integers(0, 2, size=logits.shape).astype(np.float32)


CASES = (
    LossCase("cross-entropy", CrossEntropy(), _one),
    LossCase("cross-entropy, logits in the hundreds", CrossEntropy(), _one, logit_scale=200.0),
    LossCase(
        "cross-entropy, smoothing, class and example weights",
        CrossEntropy(label_smoothing=0.1, class_weights=PER_OUTPUT),
        _one,
        weighted=True,
    ),
    LossCase("binary cross-entropy", BinaryCrossEntropy(), _several),
    LossCase(
        "binary cross-entropy, positive and example weights, logits in the hundreds",
        BinaryCrossEntropy(positive_weights=PER_OUTPUT),
        _several,
        logit_scale=200.0,
        weighted=True,
    ),
)

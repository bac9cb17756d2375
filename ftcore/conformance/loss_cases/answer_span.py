"""Cases of the loss of an answer's first and last token: three sequences, of which two lie in one row, and padding."""

import numpy as np

from ftcore.conformance.loss_cases.base import LossCase
from ftcore.contract.losses import AnswerSpan

STARTS, LENGTHS = (5, 0, 8), (3, 4, 1)
"""Where each sequence begins in the rows laid end to end, and its tokens."""
PLACES = 10


def _spans(draws: np.random.Generator, logits: np.ndarray) -> np.ndarray:
    labels = np.full((len(STARTS), 2 + max(LENGTHS)), -1, dtype=np.int32)
    for row, start, length in zip(labels, STARTS, LENGTHS, strict=True):
        row[:2] = np.sort(draws.integers(0, length, size=2))
        row[2 : 2 + length] = np.arange(start, start + length)
    return labels


CASES = (
    LossCase("answer span", AnswerSpan(), _spans, shape=(PLACES, 2)),
    LossCase(
        "answer span, sequence weights, logits in the hundreds",
        AnswerSpan(),
        _spans,
        logit_scale=200.0,
        weighted=True,
        shape=(PLACES, 2),
    ),
)

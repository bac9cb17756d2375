"""Defines the loss of extracted answers: cross-entropy over a sequence's tokens for the first and the last token."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ftcore.contract.batch import Batch
from ftcore.contract.losses.base import LabelKind, LossValue, labelled
from ftcore.contract.outputs import Outputs


@dataclass(frozen=True)
class AnswerSpan:
    """Mean of the cross-entropies of an answer's first and last token, as in transformers' question answering.

    Each token t of a sequence has two logits, s_t as the first token and e_t as the last one. If the answer's
    first and last tokens are a and b, a sequence's loss is

        -1/2 (log softmax_t(s)_a + log softmax_t(e)_b), where t runs over the sequence's own tokens.

    Padding and the other sequences of a packed row are in neither softmax. (transformers' heads include padding in
    both, and give the same result where there is none.) Each term is multiplied by its sequence's weight.
    """

    name: ClassVar[str] = "answer-span"
    couples_examples: ClassVar[bool] = False
    labels: ClassVar[LabelKind] = "made"

    def weight(self, batch: Batch) -> float:
        """Return the sum of the weights [sequences]."""
        return float(batch.weights.astype(np.float64).sum())

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient.

        Args:
            outputs: logits, float [..., 2], of each position in the concatenated rows: as first token and as last.
            batch: `labels`, int32 [sequences, 2 + length]: the indices of the answer's first and last token in its
                sequence, from 0, then the position of each token of the sequence in the concatenated rows, -1 after
                the last one; weights, float [sequences].
        """
        logits, labels, weights = labelled(outputs, batch)
        rows = logits.reshape(-1, 2).astype(np.float64)
        gradient, total = np.zeros_like(rows), 0.0
        for row, weight in zip(labels, weights.astype(np.float64), strict=True):
            answer, places = row[:2], row[2:][row[2:] >= 0]
            shifted = rows[places] - rows[places].max(axis=0)
            log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=0))
            total -= 0.5 * weight * log_probabilities[answer, (0, 1)].sum()
            of_tokens = np.exp(log_probabilities)
            of_tokens[answer, (0, 1)] -= 1.0
            gradient[places] += 0.5 * weight * of_tokens
        return LossValue(float(total), gradient.reshape(logits.shape))

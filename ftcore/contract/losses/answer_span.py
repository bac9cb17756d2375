"""Cross-entropy over the tokens of a sequence, for the first and the last token of an answer."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ftcore.contract.batch import Batch
from ftcore.contract.losses.base import LossValue, Shape, labelled
from ftcore.contract.outputs import Outputs


@dataclass(frozen=True)
class AnswerSpan:
    """The mean of two cross-entropies, of an answer's first and of its last token, as transformers' heads have it.

    Each token t of a sequence has two logits, s_t as the first token and e_t as the last one. With the answer's tokens
    a and b, a sequence's loss is

        -1/2 (log softmax_t(s)_a + log softmax_t(e)_b), t over the sequence's own tokens.

    Padding, and what else lies in a packed row, is in neither softmax (transformers' heads have padding in both, and
    give the same where there is none). A sequence's weight is that of its term.
    """

    name: ClassVar[str] = "answer-span"
    couples_examples: ClassVar[bool] = False

    @staticmethod
    def labels_shape(outputs: Shape) -> None:
        """Return None: the labels are of sequences, the outputs of their tokens."""

    def weight(self, batch: Batch) -> float:
        """Return the sum of the weights [sequences]."""
        return float(batch.weights.astype(np.float64).sum())

    def reference(self, outputs: Outputs, batch: Batch) -> LossValue:
        """Return the loss and its gradient.

        Args:
            outputs: logits, float [..., 2], of every place in rows laid end to end: as first token, and as last.
            batch: `labels`, int32 [sequences, 2 + length]: the numbers of the answer's first and last token in its
                sequence, from 0, then the place of each token of the sequence, -1 beyond its last one; weights, float
                [sequences].
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

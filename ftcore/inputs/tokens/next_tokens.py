"""Makes the labels of next-token prediction."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class NextTokens:
    """The token after each token of a stored split.

    Attributes:
        ids: int32 [tokens], all sequences concatenated.
        learned: bool [tokens], which tokens count in the loss.
        starts: int64 [sequences + 1], the start of each sequence in `ids`, then the number of tokens.
    """

    ids: np.ndarray
    learned: np.ndarray
    starts: np.ndarray

    def of_batch(self, real: np.ndarray, tokens: np.ndarray) -> tuple[Mapping[str, np.ndarray], np.ndarray]:
        """Return a batch's targets and weights.

        Args:
            real: bool [rows, length], True at tokens and False at padding.
            tokens: int64 [real tokens], the index in the split of the token at each real position, row by row.

        Returns:
            `labels`, int32 [rows, length], the next token's id; weights, float32 [rows, length], 1 if it is learned.
        """
        # The last token of a sequence has no next token.
        sequence = np.searchsorted(self.starts, tokens, side="right")
        following = np.minimum(tokens + 1, len(self.ids) - 1)
        learned = self.learned[following] & (tokens + 1 < self.starts[sequence])
        labels, weights = np.zeros(real.shape, dtype=np.int32), np.zeros(real.shape, dtype=np.float32)
        labels[real] = np.where(learned, self.ids[following], 0)
        weights[real] = learned
        return {"labels": labels}, weights

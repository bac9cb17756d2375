"""The labels of texts whose tokens are predicted from those before."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class NextTokens:
    """The token after each token of a stored split.

    Attributes:
        ids: int32 [tokens], all sequences one after another.
        learned: bool [tokens], which of them are learned.
        starts: int64 [sequences + 1], where each sequence begins; then the number of tokens.
    """

    ids: np.ndarray
    learned: np.ndarray
    starts: np.ndarray

    def of_batch(self, real: np.ndarray, tokens: np.ndarray) -> tuple[Mapping[str, np.ndarray], np.ndarray]:
        """Return a batch's targets and weights.

        Args:
            real: bool [rows, length], where there is a token.
            tokens: int64, which of the split's tokens lies at each such place, row by row.

        Returns:
            `labels`, int32 [rows, length], the next token's id; weights, float32 [rows, length], 1 where it is learned.
        """
        # The last token of a sequence has no next one.
        sequence = np.searchsorted(self.starts, tokens, side="right")
        following = np.minimum(tokens + 1, len(self.ids) - 1)
        learned = self.learned[following] & (tokens + 1 < self.starts[sequence])
        labels, weights = np.zeros(real.shape, dtype=np.int32), np.zeros(real.shape, dtype=np.float32)
        labels[real] = np.where(learned, self.ids[following], 0)
        weights[real] = learned
        return {"labels": labels}, weights

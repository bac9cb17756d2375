"""Checks that the logits of generated tokens are finite."""

import numpy as np

from ftcore.contract import Decoding
from ftcore.errors import NotFiniteError


class FiniteDecoding:
    """Sequences that are being generated, of which every logit must be finite.

    Args:
        decoding: the decoding of a backend.

    Raises:
        NotFiniteError: a logit is not finite; `example` is the row of the prompt.
    """

    def __init__(self, decoding: Decoding) -> None:
        self._decoding = decoding
        self._prompts = np.arange(len(decoding.logits))
        self._check(decoding.logits)

    @property
    def logits(self) -> np.ndarray:
        """Logits of the token after each prompt, float [rows, outputs]."""
        return self._decoding.logits

    def next(self, tokens: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
        """Append a token to each sequence, and return the logits of the next token; see `Decoding.next`.

        Args:
            tokens: int32 [sequences].
            order: int [sequences], or None.

        Returns:
            float [sequences, outputs].
        """
        self._prompts = self._prompts if order is None else self._prompts[order]
        return self._check(self._decoding.next(tokens, order))

    def _check(self, logits: np.ndarray) -> np.ndarray:
        bad = np.flatnonzero(~np.isfinite(logits).all(axis=1))
        if len(bad):
            raise NotFiniteError("the logits of a generated token are not finite", int(self._prompts[bad[0]]))
        return logits

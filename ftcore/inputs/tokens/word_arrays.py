"""Maps the tokens of a stored split to words, and words to their targets and logits."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ftcore.data import WordValues, group_starts, ranges


@dataclass(frozen=True)
class WordArrays:
    """The words of a stored split whose examples are sentences given as words.

    Attributes:
        of_tokens: int32 [tokens], the index of each token's word in its example; -1 for special tokens, and for words
            that belong to another window.
        starts: int64 [examples + 1], the start of each example's words among all words, then the number of words.
        token_starts: int64 [examples + 1], the start of each example's tokens, then the number of tokens.
        targets: int32 [words], or [0] if there are none.
        labels: names of the targets, in order; () if there are none.
        every_subword: whether all tokens of a word have its label, or only the first.
        sentences: int64 [examples], the sentence of which each example is a window; None if no sentence is divided.
    """

    of_tokens: np.ndarray
    starts: np.ndarray
    token_starts: np.ndarray
    targets: np.ndarray
    labels: tuple[str, ...] = ()
    every_subword: bool = False
    sentences: np.ndarray | None = None

    def wanted(self, examples: np.ndarray) -> WordValues:
        """Return the targets of every word of these examples, int64 [examples]."""
        counts, parts = _counts(self.starts, examples), self._parts(examples)
        if not len(self.targets):
            return WordValues(np.zeros(0, np.int32), counts, self.labels, parts)
        return WordValues(np.asarray(self.targets[ranges(self.starts[examples], counts)]), counts, self.labels, parts)

    def _parts(self, examples: np.ndarray) -> np.ndarray | None:
        """Return the number of consecutive examples of each sentence, int64 [sentences]."""
        if self.sentences is None:
            return None
        numbers = self.sentences[examples]
        begins = np.flatnonzero(np.diff(numbers, prepend=-1))
        return np.diff(begins, append=len(numbers))

    def unread(self, examples: np.ndarray) -> int:
        """Return the number of words of these examples, int64 [examples], that have no token."""
        tokens = ranges(self.token_starts[examples], _counts(self.token_starts, examples))
        return int(_counts(self.starts, examples).sum() - self._is_first(tokens).sum())

    def of_batch(self, real: np.ndarray, tokens: np.ndarray) -> tuple[Mapping[str, np.ndarray], np.ndarray]:
        """Return a batch's targets and weights.

        Args:
            real: bool [rows, length], True at tokens and False at padding.
            tokens: int64 [real tokens], the index in the split of the token at each real position, row by row.

        Returns:
            `labels`, int32 [rows, length], unless there are none; weights, float32 [rows, length], 1 at labels, else 0.
        """
        of_tokens = self.of_tokens[tokens]
        labelled = of_tokens >= 0 if self.every_subword else self._is_first(tokens)
        weights = np.zeros(real.shape, dtype=np.float32)
        weights[real] = labelled
        if not len(self.targets):
            return {}, weights
        labels = np.zeros(real.shape, dtype=np.int32)
        own = self.starts[self._examples(tokens)] + np.maximum(of_tokens, 0)
        labels[real] = np.where(labelled, self.targets[own], 0)
        return {"labels": labels}, weights

    def said(self, examples: np.ndarray, logits: np.ndarray) -> WordValues:
        """Return the logits of each word's first token, float [words, outputs]; NaN for a word without a token.

        Args:
            examples: int64 [examples].
            logits: float [examples, length, outputs], one example per row.
        """
        counts, lengths = _counts(self.starts, examples), _counts(self.token_starts, examples)
        tokens = ranges(self.token_starts[examples], lengths)
        first = self._is_first(tokens)
        row = np.repeat(np.arange(len(examples)), lengths)[first]
        position = ranges(np.zeros(len(examples), np.int64), lengths)[first]
        values = np.full((int(counts.sum()), logits.shape[-1]), np.nan, dtype=logits.dtype)
        values[group_starts(counts)[row] + self.of_tokens[tokens[first]]] = logits[row, position]
        return WordValues(values, counts)

    def _is_first(self, tokens: np.ndarray) -> np.ndarray:
        """Return whether each of these tokens is the first of a word, bool [tokens]."""
        of_tokens, begins = self.of_tokens[tokens], self.token_starts[self._examples(tokens)] == tokens
        return np.asarray((of_tokens >= 0) & (begins | (of_tokens != self.of_tokens[tokens - 1])))

    def _examples(self, tokens: np.ndarray) -> np.ndarray:
        return np.asarray(np.searchsorted(self.token_starts, tokens, side="right") - 1)


def _counts(starts: np.ndarray, examples: np.ndarray) -> np.ndarray:
    return np.asarray(starts[examples + 1] - starts[examples])

"""Defines the dataset of causal language models, which predict the next token."""

import numpy as np

from ftcore.contract import Batch
from ftcore.inputs.language.dataset import LanguageExamples
from ftcore.inputs.language.store import LanguageArrays
from ftcore.inputs.tokens.next_tokens import NextTokens
from ftcore.inputs.tokens.store import TokenArrays, TokenDataset


class CausalExamples(LanguageExamples):
    """Texts, each position labelled with the next token.

    Args:
        arrays: the stored split.
        max_length: the maximum length of a batch.
        pad_token_id: the id that pads batches.
        rows: int64 [examples], indices in the stored split; None for all.
    """

    def __init__(
        self, arrays: LanguageArrays, max_length: int, pad_token_id: int, rows: np.ndarray | None = None
    ) -> None:
        super().__init__(arrays, rows)
        self._max_length, self._pad_token_id = max_length, pad_token_id
        self._batches = TokenDataset(token_arrays(arrays, learns=True), max_length, pad_token_id, self._rows)

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, padded to one length."""
        return self._batches.batch(ids)

    def packed(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, packed several to a row."""
        return self._batches.packed(ids)

    def _with(self, arrays: LanguageArrays, rows: np.ndarray) -> "CausalExamples":
        return CausalExamples(arrays, self._max_length, self._pad_token_id, rows)

    def prompts(self, ids: np.ndarray) -> list[np.ndarray]:
        """Return the prompts of ids, int64 [examples]: the int32 [tokens] before the last learned ones."""
        starts = self._arrays.starts
        return [self._prompt(int(starts[row]), int(starts[row + 1])) for row in self._rows[ids]]

    def prompt_inputs(self, ids: np.ndarray) -> dict[str, np.ndarray]:
        """Return the prompts of ids, int64 [examples], as inputs, int32 [examples, length], padded on the right."""
        prompts = self.prompts(ids)
        width = max(len(prompt) for prompt in prompts)
        input_ids = np.full((len(prompts), width), self._pad_token_id, dtype=np.int32)
        for row, prompt in enumerate(prompts):
            input_ids[row, : len(prompt)] = prompt
        real = np.arange(width) < np.array([len(prompt) for prompt in prompts])[:, None]
        return {"input_ids": input_ids, "attention_mask": real.astype(np.int32)}

    def _prompt(self, start: int, end: int) -> np.ndarray:
        learned = self._arrays.learned[start:end]
        given = np.flatnonzero(~learned)
        return np.asarray(self._arrays.ids[start : start + int(given[-1]) + 1 if len(given) else start])


def token_arrays(arrays: LanguageArrays, learns: bool) -> TokenArrays:
    """Return the same texts as `TokenArrays`; if `learns`, labelled with the next token."""
    return TokenArrays(
        ids=arrays.ids,
        type_ids=np.broadcast_to(np.uint8(0), len(arrays.ids)),
        starts=arrays.starts,
        targets=np.zeros(0, np.int32),
        hashes=arrays.hashes,
        truncated=arrays.truncated,
        sequences=arrays.sequences,
        next_tokens=NextTokens(arrays.ids, arrays.learned, arrays.starts) if learns else None,
        weights=arrays.weights,
    )

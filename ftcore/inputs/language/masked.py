"""Defines the datasets of masked language models."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from ftcore.contract import Batch
from ftcore.contract.dropout import keys, site_keys
from ftcore.data import CountedDataset
from ftcore.inputs.language.causal import token_arrays
from ftcore.inputs.language.dataset import LanguageExamples
from ftcore.inputs.language.store import LanguageArrays
from ftcore.inputs.tokens.store import TokenDataset

KEPT_AS_THEY_ARE, REPLACED = 0.1, 0.1
"""The shares of chosen tokens that are kept, or replaced by a random token (Devlin et al. 2019, A.1)."""


@dataclass(frozen=True)
class Masking:
    """How tokens are masked.

    Attributes:
        share: the share of tokens chosen to be predicted.
        mask: id of the mask token.
        vocabulary: the number of tokens from which random ones are drawn.
        seed: keys the draws, with the step, the example and the position.
        max_length: the maximum length of a batch.
        pad_token_id: the id that pads batches.
    """

    share: float
    mask: int
    vocabulary: int
    seed: int
    max_length: int
    pad_token_id: int


class MaskedExamples(LanguageExamples):
    """Texts with some tokens masked, to be predicted; each step masks other tokens.

    Args:
        arrays: the stored split.
        masking: how tokens are masked.
        rows: int64 [examples], indices in the stored split; None for all.
        step: the training step, which keys the draws.
    """

    def __init__(self, arrays: LanguageArrays, masking: Masking, rows: np.ndarray | None = None, step: int = 0) -> None:
        super().__init__(arrays, rows)
        self._masking, self._step = masking, step
        whole = token_arrays(arrays, learns=False)
        self._batches = TokenDataset(whole, masking.max_length, masking.pad_token_id, self._rows)
        of_tokens = replace(whole, ids=arrays.learned)
        self._learned = TokenDataset(of_tokens, masking.max_length, 0, self._rows)

    def at_step(self, step: int) -> "MaskedExamples":
        """Return the examples of a training step."""
        seen = copy(self)
        seen._step = step
        return seen

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, padded to one length."""
        return self._masked(self._batches.batch(ids), self._learned.batch(ids))

    def packed(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, packed several to a row."""
        return self._masked(self._batches.packed(ids), self._learned.packed(ids))

    def _with(self, arrays: LanguageArrays, rows: np.ndarray) -> "MaskedExamples":
        return MaskedExamples(arrays, self._masking, rows, self._step)

    def by_step(self) -> Callable[[int], CountedDataset]:
        """Return a function from a training step to its examples."""
        return self.at_step

    def for_evaluation(self) -> "EveryToken":
        """Return one example per token; see `one_by_one`."""
        return self.one_by_one()

    def one_by_one(self) -> "EveryToken":
        """Return one example for each learnable token, in which only that token is masked."""
        return EveryToken(self._arrays, self._masking, self._rows)

    def _masked(self, batch: Batch, learned: Batch) -> Batch:
        """Return the batch with masks; the draws do not depend on the arrangement of the examples."""
        masking, labels = self._masking, batch.inputs["input_ids"]
        tokens = keys(batch).tokens
        if tokens is None:
            raise TypeError("only tokens are masked")
        sites = site_keys(masking.seed, self._step, ("masked", "mask", "random"))
        chosen, how, other = (_uniform(tokens, site) for site in sites)
        predicted = (learned.inputs["input_ids"] > 0) & (chosen < masking.share)
        ids = np.where(how < KEPT_AS_THEY_ARE, labels, masking.mask)
        ids = np.where(how >= 1.0 - REPLACED, (other * masking.vocabulary).astype(np.int32), ids)
        return replace(
            batch,
            inputs={**batch.inputs, "input_ids": np.where(predicted, ids, labels).astype(np.int32)},
            targets={"labels": labels},
            weights=(predicted * _of_positions(batch)).astype(np.float32),
        )


class EveryToken(LanguageExamples):
    """One example for each learnable token, in which only that token is masked.

    Args:
        arrays: the stored split.
        masking: how tokens are masked.
        rows: int64 [texts], indices in the stored split.
        tokens: int64 [examples], indices of the masked tokens in the split; None for all tokens of the rows.
    """

    def __init__(
        self, arrays: LanguageArrays, masking: Masking, rows: np.ndarray, tokens: np.ndarray | None = None
    ) -> None:
        self._masking, self._texts = masking, rows
        if tokens is None:
            spans = [np.arange(arrays.starts[row], arrays.starts[row + 1]) for row in rows]
            tokens = np.concatenate([span[arrays.learned[span]] for span in spans])
        self._tokens = tokens
        super().__init__(arrays, np.searchsorted(arrays.starts, tokens, side="right") - 1)
        self._batches = TokenDataset(
            token_arrays(arrays, learns=False), masking.max_length, masking.pad_token_id, self._rows
        )

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, padded to one length."""
        batch = self._batches.batch(ids)
        labels = batch.inputs["input_ids"]
        place = np.arange(len(ids)), self._tokens[ids] - self._arrays.starts[self._rows[ids]]
        masked, weights = labels.copy(), np.zeros(labels.shape, dtype=np.float32)
        masked[place], weights[place] = self._masking.mask, batch.weights
        return replace(batch, inputs={**batch.inputs, "input_ids": masked}, targets={"labels": labels}, weights=weights)

    def packed(self, ids: np.ndarray) -> Batch:
        """Raise TypeError: evaluation does not pack examples. For `ids` see `Dataset.packed`."""
        raise TypeError("examples of one masked token each are not packed")

    def subset(self, ids: np.ndarray) -> "EveryToken":
        """Return the examples with these ids, int64 [examples], as a new dataset with ids from 0."""
        return EveryToken(self._arrays, self._masking, self._texts, self._tokens[ids])


def _of_positions(batch: Batch) -> np.ndarray:
    """Return the weight of each position's sequence, float32 [rows, length] or [rows, 1]; 0 at packed padding."""
    if "segment_ids" not in batch.inputs:
        return batch.weights[:, None]
    padded: np.ndarray = np.append(batch.weights, np.float32(0))
    return np.asarray(padded[batch.inputs["segment_ids"]])


def _uniform(tokens: np.ndarray, site: np.int32) -> np.ndarray:
    """Return numbers in [0, 1) from the tokens' keys, float64 [rows, length], independent for each site."""
    # A second odd factor, so that a token's numbers for two sites are not shifts of the same number.
    mixed = (tokens ^ site).astype(np.uint32) * np.uint32(site | 1)
    mixed = (mixed ^ (mixed >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    return np.asarray((mixed ^ (mixed >> np.uint32(13))) / 2.0**32)

"""Stores tokenised examples on disk as flat, memory-mapped arrays, and reads them as a dataset."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import Batch
from ftcore.data import StoredFile, WordValues, group_starts, open_folder, pack, placed, sequences_of_rows
from ftcore.inputs.tokens.next_tokens import NextTokens
from ftcore.inputs.tokens.word_arrays import WordArrays

MULTIPLE = 8
"""Padded batches have a length that is a multiple of this, to keep the number of distinct shapes low."""
CHUNK = 2**20
"""Number of tokens that are read at once."""
DTYPES = {"ids": np.int32, "type_ids": np.uint8, "hashes": np.uint64, "truncated": np.bool_, "starts": np.int64}
"""The type of each file NAME.bin of a stored split; targets.npy and about.json are stored beside them."""
WORD_DTYPES = {"words": np.int32, "word_starts": np.int64, "sentences": np.int64}
"""The additional files of a split of sentences given as words."""


@dataclass(frozen=True)
class TokenArrays:
    """The arrays of a stored split.

    Attributes:
        ids: int32 [tokens], all sequences concatenated.
        type_ids: uint8 [tokens].
        starts: int64 [sequences + 1], the start of each sequence in `ids`, then the number of tokens.
        targets: int32 [examples] or float32 [examples, outputs]; int32 [words] in tasks of words; [0] if none.
        hashes: uint64 [examples], the hash of each example's texts.
        truncated: bool [examples], whether a sequence of the example was truncated.
        sequences: number of sequences per example: 1, or 2 or 3 if its texts are encoded separately.
        words: the words, if examples are sentences given as words; else None.
        next_tokens: the labels of next-token prediction, if it is the task; else None.
        weights: float32 [examples], the weight of each example; None for 1.
    """

    ids: np.ndarray
    type_ids: np.ndarray
    starts: np.ndarray
    targets: np.ndarray
    hashes: np.ndarray
    truncated: np.ndarray
    sequences: int
    words: WordArrays | None = None
    next_tokens: NextTokens | None = None
    weights: np.ndarray | None = None

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples, sequences]: number of tokens of each sequence."""
        return np.diff(self.starts).astype(np.int32).reshape(-1, self.sequences)

    def weights_of(self, places: np.ndarray) -> np.ndarray:
        """Return the weight of the example of each of these tokens; places int64 [n], indices in `ids`; float32 [n]."""
        if self.weights is None:
            return np.ones(len(places), dtype=np.float32)
        sequences = np.searchsorted(self.starts, places, side="right") - 1
        return np.asarray(self.weights[sequences // self.sequences])


def open_stored(folder: Path) -> StoredFile[TokenArrays]:
    """Memory-map a folder that `StoreWriter` filled.

    Raises:
        OSError, EOFError, ValueError, KeyError: the folder is incomplete.
    """
    found = open_folder(folder, DTYPES | WORD_DTYPES)
    arrays, targets = dict(found.arrays), found.targets
    words = None
    if "words" in arrays:
        of_tokens, starts, sentences = (arrays.pop(name) for name in WORD_DTYPES)
        names = tuple(found.about["labels"])
        words = WordArrays(of_tokens, starts, arrays["starts"], targets, names, sentences=sentences)
    given: dict[str, Any] = arrays
    return found.of(TokenArrays(**given, targets=targets, sequences=found.about["sequences"], words=words))


class TokenDataset:
    """All examples of a stored split, or a selection of them."""

    def __init__(
        self,
        arrays: TokenArrays,
        max_length: int,
        pad_token_id: int,
        rows: np.ndarray | None = None,
        places: np.ndarray | None = None,
    ) -> None:
        """Choose examples.

        Args:
            arrays: the stored split.
            max_length: the maximum length of a batch.
            pad_token_id: the id that pads batches.
            rows: int64 [examples], indices in the stored split; None for all.
            places: int32 [vocabulary], the number that replaces each token id in a batch; None to keep the ids.
        """
        self._arrays = arrays
        self._max_length = max_length
        self._pad_token_id = pad_token_id
        self._places = places
        self._rows = np.arange(len(arrays.hashes)) if rows is None else np.asarray(rows, dtype=np.int64)

    @cached_property
    def targets(self) -> np.ndarray:
        """int32 [examples] or float32 [examples, outputs]; int32 [words] in tasks of words; [0] without targets."""
        targets, words = self._arrays.targets, self.words
        if words is not None:
            return words.values
        return np.asarray(targets[self._rows] if len(targets) else targets)

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: the length in tokens of each example's longest sequence."""
        longest: np.ndarray = self._arrays.lengths[self._rows].max(axis=1)
        return longest

    @property
    def sequences(self) -> int:
        """Number of sequences per example."""
        return self._arrays.sequences

    @cached_property
    def words(self) -> WordValues | None:
        """The targets of every word, with the names of their codes; None if each example has one target."""
        return None if self._arrays.words is None else self._arrays.words.wanted(self._rows)

    @property
    def parts(self) -> np.ndarray | None:
        """int64 [sentences]: the number of windows of each sentence; None if no sentence was divided."""
        return None if self.words is None else self.words.parts

    @property
    def unread_words(self) -> int:
        """Number of words without a token, because they were cut off or the tokenizer gives them none."""
        return 0 if self._arrays.words is None else self._arrays.words.unread(self._rows)

    @property
    def weights(self) -> np.ndarray | None:
        """float32 [examples], the weight of each example; None if all are 1."""
        return None if self._arrays.weights is None else np.asarray(self._arrays.weights[self._rows])

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples], a hash of each example's texts."""
        return np.asarray(self._arrays.hashes[self._rows])

    @property
    def truncated(self) -> int:
        """Number of examples with a truncated sequence."""
        return int(self._arrays.truncated[self._rows].sum())

    @property
    def tokens(self) -> int:
        """Number of tokens, with special tokens."""
        return int(self._arrays.lengths[self._rows].sum(dtype=np.int64))

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._rows)

    def subset(self, ids: np.ndarray) -> "TokenDataset":
        """Return the examples with these ids, int64 [examples], as a new dataset with ids from 0."""
        return TokenDataset(self._arrays, self._max_length, self._pad_token_id, self._rows[ids], self._places)

    def weighted(self, weights: np.ndarray) -> "TokenDataset":
        """Return the same examples with weights, float32 [examples], in place of their own."""
        arrays = replace(self._arrays, weights=placed(weights, self._rows, len(self._arrays.hashes)))
        return TokenDataset(arrays, self._max_length, self._pad_token_id, self._rows, self._places)

    def renumbered(self, places: np.ndarray) -> "TokenDataset":
        """Return the same examples with other token numbers: places int32 [vocabulary], by token id."""
        return TokenDataset(self._arrays, self._max_length, self._pad_token_id, self._rows, places)

    def occurring(self, vocabulary: int) -> np.ndarray:
        """Return which tokens a batch can contain, bool [vocabulary]: those of the whole file, and padding."""
        found = np.zeros(vocabulary, dtype=np.bool_)
        found[self._pad_token_id] = True
        for start in range(0, len(self._arrays.ids), CHUNK):
            found[self._arrays.ids[start : start + CHUNK]] = True
        return found

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, padded to one length."""
        starts, lengths = self._sequences(ids)
        width = min(-(-int(lengths.max()) // MULTIPLE) * MULTIPLE, self._max_length)
        real = np.arange(width) < lengths[:, None]
        places = (starts[:, None] + np.arange(width))[real]
        inputs = {**self._tokens(real, places), "attention_mask": real.astype(np.int32)}
        return self._with_targets(ids, inputs, lengths, real, places)

    def packed(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, packed several to a row."""
        starts, lengths = self._sequences(ids)
        packing = pack(lengths)
        # For each token of the concatenated sequences: its sequence, and its position in that sequence.
        sequence = np.repeat(np.arange(len(lengths)), lengths)
        positions = np.arange(len(sequence)) - np.repeat(group_starts(lengths), lengths)
        slots = packing.starts[sequence] + positions
        shape = (packing.rows, packing.width)
        order = np.argsort(slots)
        real = _placed(np.ones(len(slots), dtype=np.bool_), slots, shape, False)
        places = (starts[sequence] + positions)[order]
        inputs = {
            **self._tokens(real, places),
            "position_ids": _placed(positions.astype(np.int32), slots, shape, 0),
            "segment_ids": _placed(sequence.astype(np.int32), slots, shape, len(lengths)),
            "starts": packing.starts.astype(np.int32),
            "lengths": lengths.astype(np.int32),
            "sequences": sequences_of_rows(packing.starts, packing.rows, packing.width),
        }
        return self._with_targets(ids, inputs, lengths, real, places)

    def of_words(self, ids: np.ndarray, logits: np.ndarray) -> WordValues:
        """Return the logits of each word's first token, float [words, outputs]; NaN for a word without a token.

        Args:
            ids: int64 [examples], of a batch that is not packed.
            logits: float [examples, length, outputs] of that batch.

        Raises:
            TypeError: the examples are not given as words.
        """
        if self._arrays.words is None:
            raise TypeError("these examples have no words")
        return self._arrays.words.said(self._rows[ids], logits)

    def _sequences(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the starts of these examples' sequences in the store, and their lengths: int64 [sequences]."""
        rows, count = self._rows[ids], self._arrays.sequences
        sequences = (rows[:, None] * count + np.arange(count)).ravel()
        return self._arrays.starts[sequences], self._arrays.lengths[rows].ravel().astype(np.int64)

    def _tokens(self, real: np.ndarray, places: np.ndarray) -> dict[str, np.ndarray]:
        """Return the token fields, int32 of the shape of `real`, read from these positions of the store in order."""
        input_ids = np.full(real.shape, self._pad_token_id, dtype=np.int32)
        token_type_ids = np.zeros(real.shape, dtype=np.int32)
        input_ids[real] = self._arrays.ids[places]
        token_type_ids[real] = self._arrays.type_ids[places]
        if self._places is not None:
            input_ids = self._places[input_ids]
        return {"input_ids": input_ids, "token_type_ids": token_type_ids}

    def _with_targets(
        self,
        ids: np.ndarray,
        inputs: Mapping[str, np.ndarray],
        lengths: np.ndarray,
        real: np.ndarray,
        places: np.ndarray,
    ) -> Batch:
        of_tokens = self._arrays.words or self._arrays.next_tokens
        own = self.weights
        if of_tokens is None:
            targets = self._targets_of(self._rows[ids])
            weights = np.ones(len(ids), dtype=np.float32) if own is None else own[ids]
        else:
            targets, weights = of_tokens.of_batch(real, places)
            if own is not None:
                weights[real] *= self._arrays.weights_of(places)
        return Batch(
            inputs=inputs,
            targets=targets,
            weights=weights,
            example_ids=np.asarray(ids, dtype=np.int64),
            tokens=int(lengths.sum()),
        )

    def _targets_of(self, rows: np.ndarray) -> Mapping[str, np.ndarray]:
        targets = self._arrays.targets
        return {"labels": np.asarray(targets[rows])} if len(targets) else {}


def _placed(values: np.ndarray, slots: np.ndarray, shape: tuple[int, int], fill: int | bool) -> np.ndarray:
    """Return an array with `values` at these slots and `fill` elsewhere."""
    found = np.full(shape, fill, dtype=values.dtype)
    found.ravel()[slots] = values
    return found

"""Tokenised examples on disk: flat arrays that are mapped into memory, and the data set that reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import Batch
from ftcore.data import StoredFile, WordValues, open_folder, pack, sequences_of_rows
from ftcore.inputs.tokens.next_tokens import NextTokens
from ftcore.inputs.tokens.word_arrays import WordArrays

MULTIPLE = 8
"""Batches that are not packed are padded to a multiple of this, so that few distinct shapes occur."""
CHUNK = 2**20
"""Tokens that are read at once."""
DTYPES = {"ids": np.int32, "type_ids": np.uint8, "hashes": np.uint64, "truncated": np.bool_, "starts": np.int64}
"""The files NAME.bin of a stored split and what they hold; targets.npy and about.json come beside."""
WORD_DTYPES = {"words": np.int32, "word_starts": np.int64, "sentences": np.int64}
"""The files that a split of sentences given as words has too."""


@dataclass(frozen=True)
class TokenArrays:
    """The arrays of a stored split.

    Attributes:
        ids: int32 [tokens], all sequences one after another.
        type_ids: uint8 [tokens].
        starts: int64 [sequences + 1], where each sequence begins; then the number of tokens.
        targets: int32 [examples], float32 [examples, outputs], or [0] where there are none; of words int32 [words].
        hashes: uint64 [examples], of the texts.
        truncated: bool [examples], those with a sequence that was cut.
        sequences: of an example: 1, or 2 or 3 where its texts are encoded separately.
        words: of sentences given as words; else None.
        next_tokens: of texts whose every token is predicted from those before; else None.
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

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples, sequences]: tokens."""
        return np.diff(self.starts).astype(np.int32).reshape(-1, self.sequences)


def open_stored(folder: Path) -> StoredFile[TokenArrays]:
    """Map a folder that `StoreWriter` filled.

    Raises:
        OSError, EOFError, ValueError, KeyError: it is not whole.
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
    """Examples of a stored split: all, or those of some rows."""

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
            max_length: the longest that a batch may be.
            pad_token_id: what batches are filled up with.
            rows: int64 [examples], places in the stored split; None for all.
            places: int32 [vocabulary], the number that stands for each token in a batch; None for its own id.
        """
        self._arrays = arrays
        self._max_length = max_length
        self._pad_token_id = pad_token_id
        self._places = places
        self._rows = np.arange(len(arrays.hashes)) if rows is None else np.asarray(rows, dtype=np.int64)

    @cached_property
    def targets(self) -> np.ndarray:
        """int32 [examples] or float32 [examples, outputs]; of words int32 [words]; [0] where the data has none."""
        targets, words = self._arrays.targets, self.words
        if words is not None:
            return words.values
        return np.asarray(targets[self._rows] if len(targets) else targets)

    @cached_property
    def lengths(self) -> np.ndarray:
        """int32 [examples]: the longest sequence of each example, in tokens."""
        longest: np.ndarray = self._arrays.lengths[self._rows].max(axis=1)
        return longest

    @property
    def sequences(self) -> int:
        """Number of sequences of an example."""
        return self._arrays.sequences

    @cached_property
    def words(self) -> WordValues | None:
        """The targets of every word, with the names of their codes; None where examples have a target each."""
        return None if self._arrays.words is None else self._arrays.words.wanted(self._rows)

    @property
    def parts(self) -> np.ndarray | None:
        """int64 [sentences]: how many windows each sentence became; None where none was divided."""
        return None if self.words is None else self.words.parts

    @property
    def unread_words(self) -> int:
        """Number of words without a token, because they were cut off or the tokenizer has none for them."""
        return 0 if self._arrays.words is None else self._arrays.words.unread(self._rows)

    @property
    def hashes(self) -> np.ndarray:
        """uint64 [examples]: equal where the texts are equal."""
        return np.asarray(self._arrays.hashes[self._rows])

    @property
    def truncated(self) -> int:
        """Number of examples with a sequence that was cut."""
        return int(self._arrays.truncated[self._rows].sum())

    @property
    def tokens(self) -> int:
        """Number of tokens, special tokens included."""
        return int(self._arrays.lengths[self._rows].sum(dtype=np.int64))

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._rows)

    def subset(self, ids: np.ndarray) -> "TokenDataset":
        """Return the examples with these ids as a data set of their own, ids renumbered from 0."""
        return TokenDataset(self._arrays, self._max_length, self._pad_token_id, self._rows[ids], self._places)

    def renumbered(self, places: np.ndarray) -> "TokenDataset":
        """Return the same examples with other numbers for tokens: places int32 [vocabulary], by token id."""
        return TokenDataset(self._arrays, self._max_length, self._pad_token_id, self._rows, places)

    def occurring(self, vocabulary: int) -> np.ndarray:
        """Return which tokens a batch can hold, bool [vocabulary], those of padding and of the whole file included."""
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
        """Return the examples with these ids, int64 [examples], in this order, several in a row."""
        starts, lengths = self._sequences(ids)
        packing = pack(lengths)
        # Of the tokens of all sequences laid end to end: the sequence of each, and its position in it.
        sequence = np.repeat(np.arange(len(lengths)), lengths)
        positions = np.arange(len(sequence)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
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
        """Return what is said of each word, by its first token; nan of a word without a token.

        Args:
            ids: int64 [examples], of a batch that is not packed.
            logits: float [examples, length, outputs] of it.

        Raises:
            TypeError: the examples are not given as words.
        """
        if self._arrays.words is None:
            raise TypeError("these examples have no words")
        return self._arrays.words.said(self._rows[ids], logits)

    def _sequences(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where the sequences of these examples start in the store, and their lengths: int64 [sequences]."""
        rows, count = self._rows[ids], self._arrays.sequences
        sequences = (rows[:, None] * count + np.arange(count)).ravel()
        return self._arrays.starts[sequences], self._arrays.lengths[rows].ravel().astype(np.int64)

    def _tokens(self, real: np.ndarray, places: np.ndarray) -> dict[str, np.ndarray]:
        """Return the token fields, int32 of the shape of `real`, read from these places of the store in order."""
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
        if of_tokens is None:
            targets, weights = self._targets_of(self._rows[ids]), np.ones(len(ids), dtype=np.float32)
        else:
            targets, weights = of_tokens.of_batch(real, places)
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
    """Return `values` at these places of an array that is `fill` elsewhere."""
    found = np.full(shape, fill, dtype=values.dtype)
    found.ravel()[slots] = values
    return found

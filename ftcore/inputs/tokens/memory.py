"""Makes a dataset of tokenised rows in memory."""

import numpy as np

from ftcore.inputs.tokens.store import TokenArrays, TokenDataset
from ftcore.inputs.tokens.word_arrays import WordArrays
from ftcore.text import EncodedChunk, Tokenizer


def dataset_of(chunk: EncodedChunk | None, sequences: int, tokenizer: Tokenizer) -> TokenDataset | None:
    """Return the examples of a chunk of rows, without targets; None if there are none.

    Args:
        chunk: the tokens; the sequences of an example are consecutive.
        sequences: number of sequences per example.
        tokenizer: the model's.
    """
    if chunk is None:
        return None
    nothing, starts = np.zeros(0, np.int32), _starts(chunk.lengths)
    words = None
    if chunk.words is not None and chunk.word_counts is not None:
        sentences = None if chunk.windows is None else np.repeat(np.arange(len(chunk.windows)), chunk.windows)
        words = WordArrays(chunk.words, _starts(chunk.word_counts), starts, nothing, sentences=sentences)
    arrays = TokenArrays(
        ids=chunk.ids,
        type_ids=chunk.type_ids,
        starts=starts,
        targets=nothing,
        hashes=np.zeros(len(chunk.lengths) // sequences, np.uint64),
        truncated=chunk.truncated,
        sequences=sequences,
        words=words,
    )
    return TokenDataset(arrays, tokenizer.max_length, tokenizer.pad_token_id)


def _starts(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])

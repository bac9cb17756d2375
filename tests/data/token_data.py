"""Stored sequences made up in memory, and what hypothesis draws of them."""

import itertools
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from ftcore.inputs.tokens.store import TokenArrays, TokenDataset

LONGEST = 30


def token_dataset(lengths: Sequence[int], sequences: int = 1) -> TokenDataset:
    """Sequences of these lengths whose tokens are 1, 2, 3 ...: no token occurs twice; labels are 0, 10, 20 ..."""
    examples = len(lengths) // sequences
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    ids = np.arange(1, starts[-1] + 1, dtype=np.int32)
    arrays = TokenArrays(
        ids=ids,
        type_ids=(ids % 2).astype(np.uint8),
        starts=starts,
        targets=np.arange(examples, dtype=np.int32) * 10,
        hashes=np.arange(examples, dtype=np.uint64),
        truncated=np.zeros(examples, dtype=bool),
        sequences=sequences,
    )
    return TokenDataset(arrays, max_length=max(LONGEST, *lengths), pad_token_id=0)


@st.composite
def token_datasets(draw: st.DrawFn, examples: int = 12, longest: int = LONGEST) -> tuple[TokenDataset, list[list[int]]]:
    """A data set of at most that many examples, and the tokens of each of its sequences."""
    sequences = draw(st.integers(1, 2))
    count = draw(st.integers(1, examples)) * sequences
    lengths = draw(st.lists(st.integers(1, longest), min_size=count, max_size=count))
    ends = np.cumsum([0, *lengths])
    tokens = [list(range(start + 1, end + 1)) for start, end in itertools.pairwise(ends)]
    return token_dataset(lengths, sequences), tokens

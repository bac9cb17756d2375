"""Leaves out the ends of texts that transformers' classifiers of decoders take for padding."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ftcore.contract.network import Head
from ftcore.models import ModelPlan, read_config
from ftcore.text import EncodedChunk

PAD_ID = "pad_token_id"


def token_left_out(folder: Path, plan: ModelPlan) -> int | None:
    """Return the token that a classifier of transformers does not read at the end of a text; None if it reads all.

    It reads the last token that is not config.json's padding token. A decoder's states do not depend on later tokens.

    Args:
        folder: holds config.json.
        plan: the network of the folder.
    """
    head = plan.network.head
    reads_last = isinstance(head, Head) and head.pooling == "last"
    found = read_config(folder).get(PAD_ID) if reads_last else None
    return found if isinstance(found, int) else None


def without_end(chunk: EncodedChunk, token: int) -> EncodedChunk:
    """Return sequences without this token at their ends; the first token of a sequence stays."""
    starts = np.cumsum(chunk.lengths) - chunk.lengths
    lengths = np.asarray(
        [
            _length(chunk.ids[start : start + length], token)
            for start, length in zip(starts, chunk.lengths, strict=True)
        ],
        np.int32,
    )
    places = np.arange(len(chunk.ids)) - np.repeat(starts, chunk.lengths)
    kept = places < np.repeat(lengths, chunk.lengths)
    return replace(chunk, ids=chunk.ids[kept], type_ids=chunk.type_ids[kept], lengths=lengths)


def _length(ids: np.ndarray, token: int) -> int:
    others = np.flatnonzero(ids != token)
    return int(others[-1]) + 1 if len(others) else 1

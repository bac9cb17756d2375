"""Batches with their masks by the definition in NumPy, for the backends to repeat bit for bit."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ftcore.conformance import batches
from ftcore.contract import Batch, dropout

RATES = (0.1, 0.5, 0.97)
SITES = ("embeddings", "blocks.0.attention.weights", "head")
TABLE, ROWS = "blocks.0.attention.relative_positions", 12
SEED, STEP, CHANNELS, HEADS = 11, 2**31 + 5, 40, 3


def padded(pair: bool = False) -> Batch:
    """Six sequences of a few examples, whose ids are far apart."""
    examples = 3 if pair else 6
    batch = batches.tokens((8, 5, 3, 2, 7, 1), 9, 30, np.zeros(examples, dtype=np.int32), "masks")
    return replace(batch, example_ids=np.asarray([2**40, 3, 77, 10**6, 0, 5][:examples]))


def token_batches() -> Iterator[tuple[str, Batch]]:
    for pair in (False, True):
        yield f"padded, pair {pair}", padded(pair)
        yield f"packed, pair {pair}", batches.packed(padded(pair), 18)


def of_tokens(batch: Batch, rate: float, site: str) -> np.ndarray:
    """bool [rows, length, channels]."""
    return dropout.kept((_tokens(batch) ^ _site(site))[..., None], dropout.channel_keys(CHANNELS), rate)


def of_examples(batch: Batch, rate: float, site: str) -> np.ndarray:
    """bool [examples, channels]."""
    keys = dropout.keys(batch).examples
    return dropout.kept((keys ^ _site(site))[:, None], dropout.channel_keys(CHANNELS), rate)


def of_attention_weights(batch: Batch, rate: float, site: str) -> np.ndarray:
    """bool [rows, heads, length, length]; computed in 64 bits and cut, not by wrapping around."""
    tokens = _tokens(batch)
    queries = (tokens ^ _site(site)).astype(np.int64)[:, None] * dropout.channel_keys(HEADS)[:, None]
    words = (queries % 2**32).astype(np.uint32).view(np.int32)
    return dropout.kept(words[..., None], tokens[:, None, None], rate)


def of_table_rows(rate: float) -> np.ndarray:
    """bool [table rows, channels] at TABLE; the same for every batch of a step."""
    return dropout.kept((dropout.row_keys(ROWS) ^ _site(TABLE))[:, None], dropout.channel_keys(CHANNELS), rate)


def _tokens(batch: Batch) -> np.ndarray:
    found = dropout.keys(batch).tokens
    assert found is not None
    return found


def _site(site: str) -> np.int32:
    found: np.int32 = dropout.site_keys(SEED, STEP, [site])[0]
    return found

"""Computes dropout masks as a function of seed, step, example id, position in the example, site and channel.

A mask has no generator state: packing or splitting a batch does not change it, a resumed run repeats it, and
every backend draws the same. Keys are well-mixed odd 32-bit words. The hash of an element is the product of its keys
modulo 2^32, and its high bits decide (multiply-shift: Dietzfelbinger et al. 1997, where pairs of elements are nearly
independent). A mask costs one multiplication per element.

    hidden states and features:   hash = (key ^ site) * channel_keys[channel]
    a table that all tokens read: hash = (row_keys[row] ^ site) * channel_keys[channel]
    attention weights:            hash = (query's key ^ site) * channel_keys[head] * key's key
    kept where                    hash >= threshold(rate), as signed integers
    what is kept is scaled by     1 / (1 - rate)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ftcore.contract import seeds
from ftcore.contract.batch import Batch

PLACES = np.asarray([0, 1, 2**62], dtype=np.uint64)
"""Added to twice an example's id for its first, second and third sequence, so that no two sequences share a key."""


@dataclass(frozen=True)
class Keys:
    """Keys from which the masks of a batch are computed.

    Attributes:
        examples: int32 [examples], odd.
        tokens: int32 [rows, length], odd, or None if the inputs are not sequences. The keys of padding are arbitrary.
        decoder_tokens: int32 [rows, target length], the keys of an encoder-decoder's decoder tokens, or None.
    """

    examples: np.ndarray
    tokens: np.ndarray | None
    decoder_tokens: np.ndarray | None = None


def keys(batch: Batch, image_tokens: int = 0) -> Keys:
    """Return the keys of a batch's examples and tokens, which do not depend on padding or packing.

    Args:
        batch: batch of tokens, images or other inputs.
        image_tokens: number of tokens of every image, see `Network.image_tokens`.
    """
    ids = np.asarray(batch.example_ids, dtype=np.uint64)
    shape = _tokens_shape(batch, image_tokens)
    if shape is None:
        return Keys(_odd_words(ids, np.uint64(0)), None)
    rows, length = shape
    packed = "segment_ids" in batch.inputs
    sequences = (len(batch.inputs["starts"]) if packed else rows) // len(ids)
    of_sequence = np.repeat(ids * np.uint64(2), sequences) + np.tile(PLACES[:sequences], len(ids))
    if packed:
        # Padding is a segment of its own, after the others.
        of_token = np.append(of_sequence, np.uint64(0))[batch.inputs["segment_ids"]]
        positions = batch.inputs["position_ids"].astype(np.uint64)
    else:
        of_token, positions = of_sequence[:, None], np.arange(length, dtype=np.uint64)[None, :]
    found = Keys(_odd_words(ids, np.uint64(0)), _odd_words(of_token, positions + np.uint64(1)))
    if "decoder_input_ids" not in batch.inputs:
        return found
    places = np.arange(batch.inputs["decoder_input_ids"].shape[1], dtype=np.uint64)[None, :]
    return replace(found, decoder_tokens=_odd_words(of_sequence[:, None], places + np.uint64(1)))


def _tokens_shape(batch: Batch, image_tokens: int) -> tuple[int, int] | None:
    """Return rows and length of a batch's tokens; None if its inputs are not tokens."""
    if image_tokens:
        return len(batch.inputs["pixel_values"]), image_tokens
    # Sequences of ready vectors have only a mask.
    tokens = batch.inputs.get("input_ids", batch.inputs.get("attention_mask"))
    return None if tokens is None else (tokens.shape[0], tokens.shape[1])


def site_keys(seed: int, step: int, sites: Sequence[str]) -> np.ndarray:
    """Return the keys of a network's dropout sites at a step, int32 [sites], even so that xor leaves a key odd."""
    found = [seeds.key(seed, "dropout", step, site) & 0xFFFFFFFE for site in sites]
    return np.asarray(found, dtype=np.uint32).astype(np.int32)


def channel_keys(count: int) -> np.ndarray:
    """Return the keys of the first channels, int32 [count], odd; the same for every mask."""
    return _odd_words(np.arange(count, dtype=np.uint64), np.uint64(2**32 - 1))


def row_keys(count: int) -> np.ndarray:
    """Return the keys of the first rows of a table, int32 [count], odd."""
    return _odd_words(np.arange(count, dtype=np.uint64), np.uint64(2**32 - 2))


def threshold(rate: float) -> int:
    """Return the int32 threshold: elements with a lower hash are dropped, at the rate to within 2^-31."""
    return min(round(rate * 2**32) - 2**31, 2**31 - 1)


def kept(one: np.ndarray, other: np.ndarray, rate: float) -> np.ndarray:
    """Return which elements of a product of keys are kept, bool in its shape; every backend must compute the same.

    Args:
        one: int32 of any shape.
        other: int32 of any shape that broadcasts with it.
        rate: share of the elements that is dropped.
    """
    hashed = one.astype(np.uint32) * other.astype(np.uint32)
    answer: np.ndarray = hashed.astype(np.int32) >= threshold(rate)
    return answer


def _odd_words(first: np.ndarray, second: np.ndarray | np.uint64) -> np.ndarray:
    """Return a well-mixed odd int32 for each pair of integers (the finalizer of SplitMix64)."""
    with np.errstate(over="ignore"):
        mixed = first * np.uint64(0x9E3779B97F4A7C15) + second * np.uint64(0xD1B54A32D192ED03) + np.uint64(1)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(32) | np.uint64(1)).astype(np.uint32).view(np.int32)

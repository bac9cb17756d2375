"""Dropout masks as a function of (seed, step, example id, position in the example, site, channel).

A mask has no generator state: packing or splitting a batch does not change it, a resumed run repeats it, and
every backend draws the same. Keys are odd 32-bit words, well mixed; the hash of an element is the product of its
keys, wrapping around, of which the high bits decide (multiply-shift: Dietzfelbinger et al. 1997, whose pairs of
elements are as good as independent). One multiplication an element is all that a mask costs.

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
"""What the sequences of an example add to twice its id: that of a third one is none of another example's."""


@dataclass(frozen=True)
class Keys:
    """What the masks of a batch are drawn from.

    Attributes:
        examples: int32 [examples], odd.
        tokens: int32 [rows, length], odd, or None where the inputs are no sequences. Padding has some key.
        decoder_tokens: int32 [rows, target length], those of an encoder-decoder's decoder, or None.
    """

    examples: np.ndarray
    tokens: np.ndarray | None
    decoder_tokens: np.ndarray | None = None


def keys(batch: Batch, image_tokens: int = 0) -> Keys:
    """Return the keys of a batch's examples and tokens; they do not depend on how it is padded or packed.

    Args:
        batch: of tokens, images or anything else.
        image_tokens: tokens of every image, as `Network.image_tokens`.
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
    """Return rows and length of a batch's tokens; None where its inputs are not tokens."""
    if image_tokens:
        return len(batch.inputs["pixel_values"]), image_tokens
    # Sequences of ready vectors have a mask alone.
    tokens = batch.inputs.get("input_ids", batch.inputs.get("attention_mask"))
    return None if tokens is None else (tokens.shape[0], tokens.shape[1])


def site_keys(seed: int, step: int, sites: Sequence[str]) -> np.ndarray:
    """Return the keys of the places where a network drops, at a step, int32 [sites], even: xor leaves a key odd."""
    found = [seeds.key(seed, "dropout", step, site) & 0xFFFFFFFE for site in sites]
    return np.asarray(found, dtype=np.uint32).astype(np.int32)


def channel_keys(count: int) -> np.ndarray:
    """Return the keys of the first channels, int32 [count], odd; the same for every mask."""
    return _odd_words(np.arange(count, dtype=np.uint64), np.uint64(2**32 - 1))


def row_keys(count: int) -> np.ndarray:
    """Return the keys of the first rows of a table, int32 [count], odd."""
    return _odd_words(np.arange(count, dtype=np.uint64), np.uint64(2**32 - 2))


def threshold(rate: float) -> int:
    """Return the int32 below which an element's hash drops it; the rate is met to within 2^-31."""
    return min(round(rate * 2**32) - 2**31, 2**31 - 1)


def kept(one: np.ndarray, other: np.ndarray, rate: float) -> np.ndarray:
    """Return which elements of a product of keys are kept, bool of its shape: the reference of every backend.

    Args:
        one: int32 of any shape.
        other: int32 of any shape that broadcasts with it.
        rate: the share that is dropped.
    """
    hashed = one.astype(np.uint32) * other.astype(np.uint32)
    answer: np.ndarray = hashed.astype(np.int32) >= threshold(rate)
    return answer


def _odd_words(first: np.ndarray, second: np.ndarray | np.uint64) -> np.ndarray:
    """Return a well mixed odd int32 of each pair of integers (the finalizer of SplitMix64)."""
    with np.errstate(over="ignore"):
        mixed = first * np.uint64(0x9E3779B97F4A7C15) + second * np.uint64(0xD1B54A32D192ED03) + np.uint64(1)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(32) | np.uint64(1)).astype(np.uint32).view(np.int32)

"""Dropout masks as a function of (seed, step, example id, position in the example, site, channel).

A mask has no generator state: packing or splitting a batch does not change it, a resumed run repeats it, and
every backend draws the same. All arithmetic is on 32-bit integers and wraps around; the element's hash is the
multiply-xorshift-multiply core of the 32-bit finalizers (Steele, Lea and Flood 2014, and MurmurHash3), of which
only the high bits are read.

    hidden states and features:   element = key ^ site ^ channel_keys[channel]
    attention weights:            element = ((query's key ^ site) + key's key * FIRST) ^ channel_keys[head]
    kept where                    hash(element) >= threshold(rate), as signed integers
    what is kept is scaled by     1 / (1 - rate)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ftcore import seeds
from ftcore.backend import Batch

FIRST = 0x7FEB352D
"""First multiplier of the hash; as an int32 it is positive."""
SECOND = 0x846CA68B - 2**32
"""Second multiplier, as an int32."""
SHIFT = 15
LOW_BITS = 2 ** (32 - SHIFT) - 1
"""What an arithmetic shift by SHIFT must be masked with to be a logical one."""


@dataclass(frozen=True)
class Keys:
    """What the masks of a batch are drawn from.

    Attributes:
        examples: int32 [examples].
        tokens: int32 [rows, length], or None where the inputs are not tokens. Padding has some key.
    """

    examples: np.ndarray
    tokens: np.ndarray | None


def keys(batch: Batch) -> Keys:
    """Return the keys of a batch's examples and tokens; they do not depend on how it is padded or packed."""
    ids = np.asarray(batch.example_ids, dtype=np.uint64)
    if "input_ids" not in batch.inputs:
        return Keys(_words(ids, np.uint64(0)), None)
    rows, length = batch.inputs["input_ids"].shape
    packed = "segment_ids" in batch.inputs
    sequences = (len(batch.inputs["starts"]) if packed else rows) // len(ids)
    of_sequence = np.repeat(ids * np.uint64(2), sequences) + np.tile(np.arange(sequences, dtype=np.uint64), len(ids))
    if packed:
        # Padding is a segment of its own, after the others.
        of_token = np.append(of_sequence, np.uint64(0))[batch.inputs["segment_ids"]]
        positions = batch.inputs["position_ids"].astype(np.uint64)
    else:
        of_token, positions = of_sequence[:, None], np.arange(length, dtype=np.uint64)[None, :]
    return Keys(_words(ids, np.uint64(0)), _words(of_token, positions + np.uint64(1)))


def site_keys(seed: int, step: int, sites: Sequence[str]) -> np.ndarray:
    """Return the keys of the places where a network drops, at a step, int32 [sites]."""
    found = [seeds.key(seed, "dropout", step, site) & 0xFFFFFFFF for site in sites]
    return np.asarray(found, dtype=np.uint32).astype(np.int32)


def channel_keys(count: int) -> np.ndarray:
    """Return the keys of the first channels, int32 [count]; the same for every mask."""
    return _words(np.arange(count, dtype=np.uint64), np.uint64(2**32 - 1))


def threshold(rate: float) -> int:
    """Return the int32 below which an element's hash drops it; the rate is met to within 2^-32."""
    return min(round(rate * 2**32) - 2**31, 2**31 - 1)


def kept(elements: np.ndarray, rate: float) -> np.ndarray:
    """Return which elements are kept, bool of the shape of int32 `elements`: the reference of every backend."""
    hashed = elements.astype(np.uint32) * np.uint32(FIRST)
    hashed ^= hashed >> np.uint32(SHIFT)
    hashed *= np.uint32(SECOND % 2**32)
    answer: np.ndarray = hashed.astype(np.int32) >= threshold(rate)
    return answer


def _words(first: np.ndarray, second: np.ndarray | np.uint64) -> np.ndarray:
    """Return a well mixed int32 of each pair of integers (the finalizer of SplitMix64)."""
    with np.errstate(over="ignore"):
        mixed = first * np.uint64(0x9E3779B97F4A7C15) + second * np.uint64(0xD1B54A32D192ED03) + np.uint64(1)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(32)).astype(np.uint32).view(np.int32)

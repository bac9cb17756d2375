"""Maps relative positions to buckets (Raffel et al. 2020): one for each near distance, wider ones for far distances."""

import math

import numpy as np

from ftcore.contract.network.attention import RelativePositions


def buckets_of(distances: np.ndarray, described: RelativePositions) -> np.ndarray:
    """Return the bucket of each of the distances, int32 of the same shape.

    A distance is the key's position minus the query's.

    Logarithms are float32, so that a distance at the edge of two buckets falls into the same one as in transformers.
    """
    count, before = described.buckets, -np.asarray(distances)
    start = np.zeros_like(before)
    if described.bidirectional:
        count //= 2
        start = np.where(before < 0, count, 0)
        before = np.abs(before)
    else:
        before = np.maximum(before, 0)
    near = count // 2
    ratio = np.log(np.maximum(before, 1).astype(np.float32) / np.float32(near))
    wide = ratio / np.float32(math.log(described.farthest / near)) * np.float32(count - near)
    far = np.minimum(near + wide.astype(np.int64), count - 1)
    buckets: np.ndarray = (start + np.where(before < near, before, far)).astype(np.int32)
    return buckets

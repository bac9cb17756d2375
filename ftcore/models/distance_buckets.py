"""The bucket of each distance of two tokens, in tables of relative positions."""

import math

import numpy as np

from ftcore.models.network import RelativePositions


def buckets_of(positions: RelativePositions, distances: np.ndarray) -> np.ndarray:
    """Return the bucket of each distance, int32 of the same shape (Raffel et al. 2020, section 2.1).

    The nearest half of the buckets holds one distance each, the others ever more, by the logarithm. It is float32's, as
    transformers computes it: a distance at the edge of two buckets must fall on the same side.

    Args:
        positions: how distances share buckets.
        distances: int, a key's position less the query's.
    """
    buckets = positions.buckets // 2 if positions.bidirectional else positions.buckets
    later = (distances > 0) * buckets if positions.bidirectional else 0
    far = np.abs(distances) if positions.bidirectional else np.maximum(-distances, 0)
    exact = buckets // 2
    ratios = np.log(np.maximum(far, exact).astype(np.float32) / np.float32(exact))
    steps = ratios / np.float32(math.log(positions.farthest / exact)) * np.float32(buckets - exact)
    shared = np.minimum(exact + steps.astype(np.int64), buckets - 1)
    found: np.ndarray = (later + np.where(far < exact, far, shared)).astype(np.int32)
    return found

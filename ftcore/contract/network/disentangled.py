"""Maps distances of two tokens to rows of disentangled attention's table of relative positions."""

import numpy as np

from ftcore.contract.network.attention import Disentangled


def table_rows(described: Disentangled, longest: int) -> np.ndarray:
    """Return the row of every distance from `longest - 1` down to `-longest`, int32 [2 * longest].

    A distance is the query's position minus the key's (He et al. 2021, equation 3, and its logarithmic buckets).

    Args:
        described: which distances share a row.
        longest: largest number of tokens of a sequence.
    """
    distances = np.arange(longest - 1, -longest - 1, -1)
    if described.buckets is not None:
        distances = buckets(distances, described.buckets, described.farthest)
    return np.clip(distances + described.span, 0, 2 * described.span - 1).astype(np.int32)


def buckets(distances: np.ndarray, count: int, farthest: int) -> np.ndarray:
    """Return the bucket of each distance, int64 of the same shape.

    A near distance has its own bucket; farther distances share buckets by their logarithm. The logarithms are float32,
    so that a distance at the edge of two buckets falls into the same one as in transformers.

    Args:
        distances: int, of any shape.
        count: number of buckets for each sign; distances up to half of it have their own bucket.
        farthest: the distance that falls into the last bucket, plus 1.
    """
    near = count // 2
    far = np.maximum(np.abs(distances), near).astype(np.float32)
    scale = np.log(np.float32((farthest - 1) / near))
    steps = np.ceil(np.log(far / np.float32(near)) / scale * np.float32(near - 1))
    found: np.ndarray = np.where(np.abs(distances) <= near, distances, np.sign(distances) * (steps + near))
    return found.astype(np.int64)

"""Relative positions: what the distance of two tokens adds to their score, for all blocks alike."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from ftcore.models.distance_buckets import buckets_of
from ftcore.models.network import RelativePositions
from ftcore_keras.functions import Tensor
from ftcore_keras.layers import Variables


class RelativeBias(keras.Layer):
    """A table of biases: a row a bucket of distances, a column a head."""

    def __init__(self, described: RelativePositions, heads: int, dtype: str) -> None:
        super().__init__(dtype=dtype)
        self._farthest = described.farthest
        # Farther ones share a bucket.
        self._buckets = buckets_of(described, np.arange(-self._farthest, self._farthest + 1))
        self.table = self.add_weight((described.buckets, heads), "zeros", name="table")
        self.built = True

    def call(self, position_ids: Tensor) -> Tensor:
        """Return [rows or 1, heads, length, length], queries before keys, of int positions [rows or 1, length]."""
        distances = position_ids[:, None, :] - position_ids[:, :, None]
        near = tf.clip_by_value(distances, -self._farthest, self._farthest) + self._farthest
        biases = ops.take(self.table, tf.gather(tf.constant(self._buckets), near), axis=0)
        return ops.transpose(biases, (0, 3, 1, 2))

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {path: self.table}

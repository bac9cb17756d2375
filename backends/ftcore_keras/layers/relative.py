"""Implements relative positions: a bias of each head's scores for the distance of two tokens."""

import keras
import numpy as np
from keras import ops

from ftcore.contract.network import RelativePositions, Transformer, buckets_of
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.layers.layout import Inputs
from ftcore_keras.layers.precision import Types


class RelativeBias(keras.Layer):
    """A learned bias for each head and distance bucket, shared by all blocks."""

    def __init__(self, described: RelativePositions, body: Transformer, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._described = described
        self.table = self.add_weight((described.buckets, body.attention.heads), "zeros", name="table")
        self.built = True

    def call(self, inputs: Inputs, copies: int) -> list[Tensor]:
        """Return float [1, heads, length, length], one copy for each block.

        Rows may be longer than a sequence; distances within a packed sequence equal those within its row. Each
        copy has its own gradient, so that TensorFlow adds them in a fixed order.
        """
        places = ops.arange(ops.shape(inputs["input_ids"])[1], dtype="int32")
        return list(ops.unstack(ops.tile(self.between(places, places)[None], (copies, 1, 1, 1, 1)), copies))

    def between(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Return float [1, heads, queries, keys] for the positions of queries and keys in a row, int32 each."""
        farthest = self._described.farthest
        # From there on, all distances share a bucket.
        buckets = ops.convert_to_tensor(buckets_of(np.arange(-farthest, farthest + 1), self._described))
        distances = ops.clip(keys[None, :] - queries[:, None], -farthest, farthest)
        bias = ops.transpose(ops.take(self.table, ops.take(buckets, distances + farthest, axis=0), axis=0), (2, 0, 1))
        return bias[None]

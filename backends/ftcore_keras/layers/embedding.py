"""Implements tables of vectors, which are looked up by index."""

import keras
from keras import ops

from ftcore_keras.layers.functions import Tensor


class Embedding(keras.Layer):
    """A table with one vector per row; the row `untrained` has no gradient."""

    def __init__(self, rows: int, size: int, dtype: str, untrained: int | None = None) -> None:
        super().__init__(dtype=dtype)
        self.table = self.add_weight((rows, size), "zeros", name="table")
        self._untrained = untrained
        self.built = True

    def call(self, indices: Tensor) -> Tensor:
        """Return vectors [..., size] for int indices [...]."""
        vectors = ops.take(self.table, indices, axis=0)
        if self._untrained is None:
            return vectors
        return ops.where((indices == self._untrained)[..., None], ops.stop_gradient(vectors), vectors)

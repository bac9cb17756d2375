"""Implements the feed-forward part of a block, gated or not."""

import keras

from ftcore.contract.network import Transformer
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.functions import ACTIVATIONS, Tensor
from ftcore_keras.layers.linear import Linear, Variables, joint
from ftcore_keras.layers.precision import Types


class FeedForward(keras.Layer):
    """The feed-forward part between a block's norm and residual; `path` is its canonical path."""

    def __init__(self, body: Transformer, path: str, types: Types) -> None:
        super().__init__(dtype=types.variables)
        described, width = body.feed_forward, body.feed_forward.intermediate
        self._site, self._dropout = f"{path}.inner", body.inner_dropout
        self._activation, self._gated = ACTIVATIONS[described.activation], described.gated
        sizes = {"gate": width, "inner": width} if described.gated else {"inner": width}
        self._sizes = list(sizes.values())
        if described.joint:
            sizes = {"gate_inner": 2 * width}
        self.maps = {
            name: Linear(body.hidden, size, types, name.partition("_")[0] in described.biases)
            for name, size in sizes.items()
        }
        self.outer = Linear(width, body.hidden, types, "outer" in described.biases)
        self.built = True

    def call(self, rows: Tensor, masks: Masks | None) -> Tensor:
        """Return [rows * length, hidden] for rows of the same shape."""
        first, *others = joint(rows, list(self.maps.values()), self._sizes)
        activated = self._activation(first)
        inner = activated * others[0] if self._gated else activated
        if masks is not None:
            inner = masks.tokens(inner, self._dropout, self._site)
        return self.outer(inner)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        found = self.outer.named(f"{path}.outer")
        for name, linear in self.maps.items():
            found |= linear.named(f"{path}.{name}")
        return found

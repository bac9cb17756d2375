"""Implements the described head: pooling, pair features, dropout and classifier."""

import keras
from keras import ops

from ftcore.contract.network import HEAD_DROPOUT, POOLER_DROPOUT, Dense, Head
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.functions import ACTIVATIONS, Tensor, normalized
from ftcore_keras.layers.layout import Inputs, pool
from ftcore_keras.layers.linear import Linear, Variables
from ftcore_keras.layers.norm import norm_layer
from ftcore_keras.layers.precision import Types


class DenseLayer(keras.Layer):
    """A linear map of a head, and its activation."""

    def __init__(self, dense: Dense, shapes: dict[str, tuple[int, ...]], types: Types) -> None:
        super().__init__(dtype=types.variables)
        outputs, inputs = shapes[f"{dense.path}.weight"]
        self._path = dense.path
        self._activation = ACTIVATIONS[dense.activation] if dense.activation is not None else None
        self.linear = Linear(inputs, outputs, types.unrounded, bias=f"{dense.path}.bias" in shapes)
        self.built = True

    def call(self, values: Tensor) -> Tensor:
        """Return [rows, outputs] for values [rows, inputs]."""
        mapped = self.linear(values)
        return mapped if self._activation is None else self._activation(mapped)

    def named(self) -> Variables:
        """Return the variables by path."""
        return self.linear.named(self._path)


class HeadLayer(keras.Layer):
    """Maps hidden states to logits."""

    def __init__(self, head: Head, types: Types) -> None:
        super().__init__(dtype=types.variables)
        shapes = {parameter.path: parameter.shape for parameter in head.parameters}
        self._reads = head.pooled_states
        self._normalize = head.normalize
        self._pair, self._vectors = head.pair, head.vectors
        self.pooler = DenseLayer(head.pooler, shapes, types) if head.pooler is not None else None
        of_pooler = head.pooler_norm
        self.pooler_norm = (
            norm_layer(of_pooler, shapes["pooler_norm.scale"][0], types.variables) if of_pooler is not None else None
        )
        self.classifier = DenseLayer(head.classifier, shapes, types) if head.classifier is not None else None
        self._dropout, self._pooler_dropout = head.dropout, head.pooler_dropout
        self.built = True

    def pool(self, hidden_states: Tensor, inputs: Inputs, masks: Masks | None = None) -> Tensor:
        """Return vectors [sequences, hidden] of hidden_states [rows, length, hidden]; masks for the read tokens."""
        if self._reads is None:
            return hidden_states
        return self.finish(pool(self._reads, hidden_states, inputs), masks)

    def finish(self, pooled: Tensor, masks: Masks | None = None) -> Tensor:
        """Return pooled vectors [sequences, hidden] after pooler and normalization, with their masks for dropout."""
        if masks is not None:
            pooled = masks.tokens(pooled, self._pooler_dropout, POOLER_DROPOUT)
        if self.pooler is not None:
            pooled = self.pooler(pooled)
        if self.pooler_norm is not None:
            pooled = self.pooler_norm(pooled)
        return normalized(pooled) if self._normalize else pooled

    def call(self, pooled: Tensor, masks: Masks | None = None) -> Tensor | None:
        """Return logits [examples, outputs] of pooled [sequences, hidden], or those vectors if they are the output.

        None if the head has neither.
        """
        if self.classifier is None:
            return pooled if self._vectors else None
        features = _concat_difference_product(pooled) if self._pair == "concat_difference_product" else pooled
        if masks is not None:
            features = masks.examples(features, self._dropout, HEAD_DROPOUT)
        return self.classifier(features)

    def named(self) -> Variables:
        """Return the variables by path."""
        pooler = {} if self.pooler is None else self.pooler.named()
        classifier = {} if self.classifier is None else self.classifier.named()
        norm = {} if self.pooler_norm is None else self.pooler_norm.named("pooler_norm")
        return {**pooler, **norm, **classifier}


def _concat_difference_product(pooled: Tensor) -> Tensor:
    # Nothing is used three times, because TensorFlow adds three gradients in no fixed order.
    both = ops.reshape(pooled, (-1, 2 * pooled.shape[-1]))
    u, v = ops.split(both, 2, axis=1)
    return ops.concatenate([both, ops.abs(u - v), u * v], axis=-1)

"""The head that a description asks for: pooling, the features of a pair, dropout, classifier."""

from collections.abc import Callable

import keras
from keras import ops

from ftcore.models.network import Dense, Head
from ftcore_keras.functions import ACTIVATIONS, Tensor, lowest
from ftcore_keras.layers import Dropout, Linear, Variables

Pool = Callable[[Tensor, Tensor], Tensor]


class DenseLayer(keras.Layer):
    """A linear map of a head, and its activation."""

    def __init__(self, dense: Dense, shapes: dict[str, tuple[int, ...]], dtype: str) -> None:
        super().__init__(dtype=dtype)
        outputs, inputs = shapes[f"{dense.path}.weight"]
        self._path = dense.path
        self._activation = ACTIVATIONS[dense.activation] if dense.activation is not None else None
        self.linear = Linear(inputs, outputs, dtype, bias=f"{dense.path}.bias" in shapes)
        self.built = True

    def call(self, values: Tensor) -> Tensor:
        """Return [rows, outputs] of values [rows, inputs]."""
        mapped = self.linear(values)
        return mapped if self._activation is None else self._activation(mapped)

    def named(self) -> Variables:
        """Return the variables by path."""
        return self.linear.named(self._path)


class HeadLayer(keras.Layer):
    """From hidden states to logits."""

    def __init__(self, head: Head, dtype: str) -> None:
        super().__init__(dtype=dtype)
        shapes = {parameter.path: parameter.shape for parameter in head.parameters}
        self._pool = POOLS[head.pooling] if head.pooling is not None else None
        self._pair = head.pair
        self.pooler = DenseLayer(head.pooler, shapes, dtype) if head.pooler is not None else None
        self.classifier = DenseLayer(head.classifier, shapes, dtype) if head.classifier is not None else None
        self.dropout = Dropout(head.dropout, dtype)
        self.built = True

    def pool(self, hidden_states: Tensor, attention_mask: Tensor) -> Tensor:
        """Return [sequences, hidden] of hidden_states [sequences, length, hidden]."""
        if self._pool is None:
            return hidden_states
        pooled = self._pool(hidden_states, attention_mask)
        return pooled if self.pooler is None else self.pooler(pooled)

    def call(self, pooled: Tensor, training: bool = False) -> Tensor | None:
        """Return logits [examples, outputs] of pooled [sequences, hidden], or None without a classifier."""
        if self.classifier is None:
            return None
        features = _concat_difference_product(pooled) if self._pair == "concat_difference_product" else pooled
        return self.classifier(self.dropout(features, training=training))

    def named(self) -> Variables:
        """Return the variables by path."""
        pooler = {} if self.pooler is None else self.pooler.named()
        classifier = {} if self.classifier is None else self.classifier.named()
        return {**pooler, **classifier}


def _concat_difference_product(pooled: Tensor) -> Tensor:
    u, v = pooled[0::2], pooled[1::2]
    return ops.concatenate([u, v, ops.abs(u - v), u * v], axis=-1)


def _first(hidden_states: Tensor, attention_mask: Tensor) -> Tensor:
    return hidden_states[:, 0]


def _mean(hidden_states: Tensor, attention_mask: Tensor) -> Tensor:
    mask = ops.cast(attention_mask, hidden_states.dtype)[:, :, None]
    return ops.sum(hidden_states * mask, axis=1) / ops.sum(mask, axis=1)


def _max(hidden_states: Tensor, attention_mask: Tensor) -> Tensor:
    real = ops.not_equal(attention_mask, 0)[:, :, None]
    return ops.max(ops.where(real, hidden_states, lowest(keras.backend.standardize_dtype(hidden_states.dtype))), axis=1)


def _last(hidden_states: Tensor, attention_mask: Tensor) -> Tensor:
    positions = ops.arange(ops.shape(attention_mask)[1], dtype="int32")
    last = ops.argmax(positions * ops.cast(ops.not_equal(attention_mask, 0), "int32"), axis=1)
    chosen = ops.cast(ops.equal(positions[None, :], ops.cast(last, "int32")[:, None]), hidden_states.dtype)
    return ops.sum(hidden_states * chosen[:, :, None], axis=1)


POOLS: dict[str, Pool] = {"pooler": _first, "cls": _first, "mean": _mean, "max": _max, "last": _last}

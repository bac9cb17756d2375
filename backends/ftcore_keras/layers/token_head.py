"""Implements the head of a language model or token classifier, which gives every position logits."""

import keras
from keras import ops

from ftcore.contract.network import HEAD_DROPOUT, TokenHead
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.layers.head import DenseLayer
from ftcore_keras.layers.linear import Variables
from ftcore_keras.layers.norm import norm_layer
from ftcore_keras.layers.precision import Types


class TokenHeadLayer(keras.Layer):
    """Maps hidden states to logits."""

    def __init__(self, head: TokenHead, types: Types) -> None:
        super().__init__(dtype=types.variables)
        shapes = {parameter.path: parameter.shape for parameter in (*head.parameters, *head.buffers)}
        path = head.classifier.path
        self._path, self._scale, self._cap = path, head.scale, head.cap
        self._dropout = head.dropout
        self.transform = None if head.transform is None else DenseLayer(head.transform, shapes, types)
        self.norm = None
        if head.norm is not None:
            self.norm = norm_layer(head.norm, shapes["transform.weight"][0], types.variables)
        weight, bias = shapes.get(f"{path}.weight"), shapes.get(f"{path}.bias")
        # [inputs, outputs], as in every linear map here.
        self.kernel = None if weight is None else self.add_weight(weight[::-1], "zeros", name="weight")
        self.bias = None if bias is None else self.add_weight(bias, "zeros", name="bias")
        self.built = True

    def call(self, hidden_states: Tensor, table: Tensor, masks: Masks | None = None) -> Tensor:
        """Return logits [rows, length, outputs].

        Args:
            hidden_states: [rows, length, hidden].
            table: table of tokens, [outputs, hidden], which a tied head uses.
            masks: masks of the tokens for a task's head; None for no dropout.
        """
        # One matrix, because the kernel gradient of a stack of matrices is computed per row and then summed.
        rows = ops.reshape(hidden_states, (-1, hidden_states.shape[-1]))
        if self.transform is not None:
            rows = self.transform(rows)
        if self.norm is not None:
            rows = self.norm(rows)
        if masks is not None:
            rows = masks.tokens(rows, self._dropout, HEAD_DROPOUT)
        if self._scale != 1.0:
            rows = rows * self._scale
        logits = ops.matmul(rows, ops.transpose(table) if self.kernel is None else self.kernel)
        if self.bias is not None:
            logits = logits + self.bias
        if self._cap is not None:
            logits = ops.tanh(logits / self._cap) * self._cap
        return ops.reshape(logits, (-1, ops.shape(hidden_states)[1], logits.shape[-1]))

    def named(self) -> Variables:
        """Return the variables by path."""
        found = {f"{self._path}.weight": self.kernel, f"{self._path}.bias": self.bias}
        named = {name: variable for name, variable in found.items() if variable is not None}
        if self.transform is not None:
            named |= self.transform.named()
        return named if self.norm is None else {**named, **self.norm.named("transform.norm")}

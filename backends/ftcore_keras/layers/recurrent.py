"""Implements LSTM and GRU layers over sequences, by the formulas of torch.nn.LSTM and torch.nn.GRU.

keras.layers.LSTM has one bias where PyTorch has two, and its GRU has another order of gates, so this is a loop.
"""

from collections.abc import Callable, Mapping

import keras
from keras import ops

from ftcore.contract.network import GATES, Cell, Pooling, Recurrent
from ftcore_keras.layers.activations import Encoded
from ftcore_keras.layers.dropout import Masks
from ftcore_keras.layers.embedding import Embedding
from ftcore_keras.layers.engine import State
from ftcore_keras.layers.functions import Tensor
from ftcore_keras.layers.layout import Inputs, pool
from ftcore_keras.layers.linear import Linear, Variables
from ftcore_keras.layers.precision import Types

Gate = Callable[[Tensor, Tensor, State], State]
"""Maps the mapped inputs and mapped state, each [rows, gates * hidden], and the state before to the state after."""


def _lstm(inputs: Tensor, states: Tensor, state: State) -> State:
    entry, forget, cell, output = ops.split(inputs + states, 4, axis=1)
    memory = ops.sigmoid(forget) * state[1] + ops.sigmoid(entry) * ops.tanh(cell)
    return ops.sigmoid(output) * ops.tanh(memory), memory


def _gru(inputs: Tensor, states: Tensor, state: State) -> State:
    (reset, update, new), (of_reset, of_update, of_new) = ops.split(inputs, 3, axis=1), ops.split(states, 3, axis=1)
    new = ops.tanh(new + ops.sigmoid(reset + of_reset) * of_new)
    return (new + ops.sigmoid(update + of_update) * (state[0] - new),)


ADVANCES: Mapping[Cell, tuple[Gate, int]] = {"lstm": (_lstm, 2), "gru": (_gru, 1)}
"""Step function of each cell, and the number of tensors of its state."""


class Direction(keras.Layer):
    """One direction of one layer."""

    def __init__(self, body: Recurrent, inputs: int, types: Types) -> None:
        super().__init__(dtype=types.variables)
        gates = GATES[body.cell] * body.hidden
        self._hidden, self._engine = body.hidden, types.engine
        self._advance, self._tensors = ADVANCES[body.cell]
        self.inputs, self.states = Linear(inputs, gates, types), Linear(body.hidden, gates, types)
        self.built = True

    def call(self, values: Tensor) -> Tensor:
        """Return states [rows, length, hidden] of values [rows, length, inputs]; padding is treated as steps."""
        mapped = ops.transpose(_mapped(self.inputs, values), (1, 0, 2))
        # Copied once: otherwise each step of the loop would read the variable and add to its gradient.
        kernel, bias = ops.copy(self.states.kernel), ops.copy(self.states.bias)

        def advance(inputs: Tensor, state: State) -> State:
            return self._advance(inputs, self._engine.add_bias(ops.matmul(state[0], kernel), bias), state)

        zeros = ops.zeros((ops.shape(mapped)[1], self._hidden), dtype=mapped.dtype)
        outputs = self._engine.recurrence(advance, (zeros,) * self._tensors, mapped)
        return ops.transpose(outputs, (1, 0, 2))

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        return {**self.inputs.named(f"{path}.inputs"), **self.states.named(f"{path}.states")}


class RecurrentLayer(keras.Layer):
    """One layer: the backward direction reads each sequence reversed within its own length."""

    def __init__(self, body: Recurrent, inputs: int, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self.forwards = Direction(body, inputs, types)
        self.backwards = Direction(body, inputs, types) if body.bidirectional else None
        self._engine = types.engine
        self.built = True

    def call(self, values: Tensor, lengths: Tensor) -> Tensor:
        """Return float [rows, length, size], 0 at padding, of values [rows, length, inputs] and int lengths [rows]."""
        outputs = self.forwards(values)
        if self.backwards is not None:
            turned = self.backwards(self._engine.reversed_within(values, lengths))
            outputs = ops.concatenate([outputs, self._engine.reversed_within(turned, lengths)], axis=2)
        return outputs * _real(outputs, lengths)

    def named(self, path: str) -> Variables:
        """Return the variables by path."""
        backwards = {} if self.backwards is None else self.backwards.named(f"{path}.backward")
        return {**self.forwards.named(f"{path}.forward"), **backwards}


class RecurrentBody(keras.Layer):
    """Embeddings or ready vectors, followed by recurrent layers."""

    def __init__(self, body: Recurrent, pooling: Pooling | None, types: Types) -> None:
        super().__init__(dtype=types.variables)
        self._body, self._pooling, self._engine = body, pooling, types.engine
        rows = body.vocabulary
        self.embedding = None if rows is None else Embedding(rows, body.inputs, types.variables)
        sizes = [body.inputs, *[body.size] * (body.layers - 1)]
        self.stack = [RecurrentLayer(body, inputs, types) for inputs in sizes]
        self._rates = {"embeddings": 0.0 if rows is None else body.embedding_dropout}
        self._rates |= {f"layers.{number}": body.dropout for number in range(body.layers - 1)}
        self.built = True

    def call(self, inputs: Inputs, masks: Masks | None = None) -> Encoded:
        """Run on `input_ids`, int [rows, length], or `values`, float [rows, length, inputs]."""
        lengths = ops.sum(inputs["attention_mask"], axis=1)
        steps = self._steps(inputs)
        states = [steps * _real(steps, lengths)]
        for layer, (site, rate) in zip(self.stack, self._rates.items(), strict=True):
            states.append(layer(_dropped(states[-1], rate, site, masks), lengths))
        return Encoded(self._pool(states[-1], inputs), states)

    def named(self) -> Variables:
        """Return the variables by path."""
        named = {} if self.embedding is None else {"embeddings.tokens": self.embedding.table}
        for number, layer in enumerate(self.stack):
            named.update(layer.named(f"layers.{number}"))
        return named

    def _steps(self, inputs: Inputs) -> Tensor:
        if self.embedding is not None:
            return self.embedding(inputs["input_ids"])
        values = ops.cast(inputs["values"], self.compute_dtype)
        return self._engine.shaped(values, (None, None, self._body.inputs))

    def _pool(self, states: Tensor, inputs: Inputs) -> Tensor:
        """Return [rows, size] of states [rows, length, size]."""
        if self._pooling is not None and self._pooling != "pooler":
            return pool(self._pooling, states, inputs)
        hidden = self._body.hidden
        # The backward direction ends at the first step.
        return ops.concatenate([pool("last", states[..., :hidden], inputs), states[:, 0, hidden:]], axis=1)


def _mapped(linear: Linear, values: Tensor) -> Tensor:
    """Return a linear map of values [rows, length, inputs]."""
    rows, length, _ = ops.shape(values)
    return ops.reshape(linear(ops.reshape(values, (-1, linear.inputs))), (rows, length, linear.outputs))


def _dropped(values: Tensor, rate: float, site: str, masks: Masks | None) -> Tensor:
    """Return values [rows, length, channels] masked."""
    if masks is None:
        return values
    flat = masks.tokens(ops.reshape(values, (-1, values.shape[2])), rate, site)
    return ops.reshape(flat, ops.shape(values))


def _real(values: Tensor, lengths: Tensor) -> Tensor:
    """Return 1 before and 0 at padding, [rows, length, 1] of the type of values."""
    real = ops.arange(ops.shape(values)[1], dtype="int32") < lengths[:, None]
    return ops.cast(real, values.dtype)[:, :, None]

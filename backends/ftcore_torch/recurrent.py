"""Implements LSTM and GRU bodies by torch.nn.LSTM and torch.nn.GRU."""

from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor, nn

from ftcore.contract.network import Cell, Pooling, Recurrent
from ftcore_torch.activations import Encoded
from ftcore_torch.dropout import KeyedDropout, Masks
from ftcore_torch.layout import Inputs, pool

MODULES: Mapping[Cell, type[nn.LSTM] | type[nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}


class RecurrentLayer(nn.Module):
    """One layer: a module for each direction.

    The backward direction reads each sequence reversed within its own length. Packed sequences of torch.nn.utils would
    also do that, but they need the lengths as numbers, and so a synchronization with the device.
    """

    def __init__(self, body: Recurrent, inputs: int) -> None:
        super().__init__()
        self.forwards = MODULES[body.cell](inputs, body.hidden, batch_first=True)
        self.backwards = MODULES[body.cell](inputs, body.hidden, batch_first=True) if body.bidirectional else None

    def train(self, mode: bool = True) -> Self:
        """Stay in training mode, because cuDNN has no gradients outside it; without dropout this has no effect."""
        return super().train(True)

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """Return float [rows, length, size], 0 at padding, for values [rows, length, inputs] and int lengths [rows]."""
        outputs: Tensor = self.forwards(values)[0]
        if self.backwards is not None:
            turned = self.backwards(_turned(values, lengths))[0]
            outputs = torch.cat([outputs, _turned(turned, lengths)], dim=2)
        return outputs * _real(outputs, lengths)


class RecurrentBody(nn.Module):
    """Embeddings or ready vectors, followed by recurrent layers."""

    def __init__(self, body: Recurrent, pooling: Pooling | None, masks: Masks) -> None:
        super().__init__()
        self._hidden, self._pooling = body.hidden, pooling
        self.embedding = None if body.vocabulary is None else nn.Embedding(body.vocabulary, body.inputs)
        sizes = [body.inputs, *[body.size] * (body.layers - 1)]
        self.layers = nn.ModuleList([RecurrentLayer(body, inputs) for inputs in sizes])
        rates = {"embeddings": 0.0 if self.embedding is None else body.embedding_dropout}
        rates |= {f"layers.{number}": body.dropout for number in range(body.layers - 1)}
        self._dropouts = nn.ModuleList([KeyedDropout(rate, site, masks) for site, rate in rates.items()])

    def forward(self, inputs: Inputs) -> Encoded:
        """Run on `input_ids`, int [rows, length], or `values`, float [rows, length, inputs]."""
        lengths = inputs["attention_mask"].sum(dim=1)
        steps = inputs["values"] if self.embedding is None else self.embedding(inputs["input_ids"])
        states = [steps * _real(steps, lengths)]
        for layer, dropout in zip(self.layers, self._dropouts, strict=True):
            states.append(layer(dropout(states[-1]), lengths))
        return Encoded(self._pool(states[-1], inputs), tuple(states))

    def parameters_by_name(self) -> dict[str, nn.Parameter]:
        """Return every parameter under its checkpoint name."""
        table = {} if self.embedding is None else dict(self.embedding.named_parameters("embedding"))
        layers = {
            _stored_name(number, name): value
            for number, layer in enumerate(self.layers)
            for name, value in layer.named_parameters()
        }
        return {**table, **layers}

    def _pool(self, states: Tensor, inputs: Inputs) -> Tensor:
        """Return [rows, size] of states [rows, length, size]."""
        if self._pooling is not None and self._pooling != "pooler":
            return pool(self._pooling, states, inputs)
        # The backward direction ends at the first step.
        return torch.cat([pool("last", states[..., : self._hidden], inputs), states[:, 0, self._hidden :]], dim=1)


def _stored_name(number: int, name: str) -> str:
    """Return PyTorch's name in a stack for a layer's parameter: "backwards.weight_ih_l0" is `weight_ih_l2_reverse`."""
    direction, _, own = name.partition(".")
    return f"rnn.{own.removesuffix('0')}{number}{'_reverse' if direction == 'backwards' else ''}"


def _turned(values: Tensor, lengths: Tensor) -> Tensor:
    """Return values [rows, length, channels] with the first `lengths` [rows] of each row in reverse order."""
    places = torch.arange(values.shape[1], device=values.device).unsqueeze(0)
    last = lengths.unsqueeze(1) - 1
    sources = torch.where(places <= last, last - places, places)
    return values.gather(1, sources.unsqueeze(2).expand_as(values))


def _real(values: Tensor, lengths: Tensor) -> Tensor:
    """Return 1 before and 0 at padding, [rows, length, 1] of the type of values."""
    places = torch.arange(values.shape[1], device=values.device)
    return (places < lengths.unsqueeze(1)).to(values.dtype).unsqueeze(2)

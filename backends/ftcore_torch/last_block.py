"""Computes the last block only for the token that the head reads, if it reads one per sequence.

The other tokens are only needed for their keys and values. In a model of six blocks this saves an eighth of a step,
with the same results.
"""

from posixpath import commonpath
from typing import Any

import torch
from torch import Tensor, nn

from ftcore.contract.network import Architecture, Transformer
from ftcore_torch.attention import attention_weights
from ftcore_torch.dropout import KeyedDropout
from ftcore_torch.functions import ACTIVATIONS
from ftcore_torch.layout import Reading


class LastBlock:
    """A post-norm block of transformers' body, by the canonical names of its modules.

    Attributes:
        whole: transformers' module of the whole block.
    """

    def __init__(self, body: nn.Module, architecture: Architecture, prefix: str) -> None:
        """Find the block's modules.

        Args:
            body: transformers' body with keyed dropout.
            architecture: description of the body.
            prefix: prefix of the description's parameter names that names in `body` do not have.
        """
        if not isinstance(architecture.body, Transformer):
            raise TypeError(f"a {type(architecture.body).__name__} has no blocks")
        self._heads = architecture.body.attention.heads
        self._activation = ACTIVATIONS[architecture.body.feed_forward.activation]
        path = f"blocks.{architecture.body.blocks - 1}."
        names = {
            parameter.path.removeprefix(path).rpartition(".")[0]: parameter.name.removeprefix(prefix).rpartition(".")[0]
            for parameter in architecture.parameters
            if parameter.path.startswith(path)
        }
        self._modules = {own: body.get_submodule(name) for own, name in names.items()}
        self._dropouts = {
            site.removeprefix(path): _keyed(body.get_submodule(name))
            for site, name in architecture.dropout_modules.items()
            if site.startswith(path)
        }
        self.whole = body.get_submodule(commonpath(name.replace(".", "/") for name in names.values()).replace("/", "."))

    def __call__(self, hidden_states: Tensor, reading: Reading) -> Tensor:
        """Return [sequences, hidden] of hidden_states [rows, length, hidden]."""
        keys, read = reading.keys, hidden_states.flatten(0, 1)[reading.places]
        mixed = self._modules["attention.output"](self._attend(hidden_states, read, reading))
        read = self._modules["attention.norm"](self._drop("attention", mixed, keys) + read)
        mapped = self._modules["feed_forward.outer"](self._activation(self._modules["feed_forward.inner"](read)))
        normed: Tensor = self._modules["feed_forward.norm"](self._drop("feed_forward", mapped, keys) + read)
        return normed

    def _drop(self, site: str, values: Tensor, keys: Tensor | None) -> Tensor:
        # Not every family has every dropout site.
        return self._dropouts[site].by_keys(values, keys) if site in self._dropouts else values

    def _attend(self, hidden_states: Tensor, read: Tensor, reading: Reading) -> Tensor:
        query = self._modules["attention.query"](read)[reading.sequences]
        query, key, value = (
            part.unflatten(2, (self._heads, -1)).transpose(1, 2)
            for part in (query, *(self._modules[f"attention.{name}"](hidden_states) for name in ("key", "value")))
        )
        weights = attention_weights(query * query.shape[-1] ** -0.5, key, reading.bias)
        dropout = self._dropouts["attention.weights"]
        of_slots = None if reading.keys is None else reading.keys[reading.sequences]
        weights = dropout.attention_weights(weights, of_slots, dropout.masks.tokens)
        return torch.matmul(weights, value).transpose(1, 2).flatten(0, 1).flatten(1)[reading.slots]


def read_in_last_block(body: nn.Module, architecture: Architecture, prefix: str) -> None:
    """Make the body accept `reading` and then return the read tokens [sequences, hidden] as last hidden states."""
    block = LastBlock(body, architecture, prefix)
    whole = block.whole.forward

    def forward(hidden_states: Tensor, *arguments: Any, reading: Reading | None = None, **options: Any) -> Any:
        return whole(hidden_states, *arguments, **options) if reading is None else block(hidden_states, reading)

    block.whole.forward = forward


def _keyed(module: nn.Module) -> KeyedDropout:
    if not isinstance(module, KeyedDropout):
        raise TypeError(f"a {type(module).__name__} is not a keyed dropout")
    return module

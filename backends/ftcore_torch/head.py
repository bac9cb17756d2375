"""Implements the described head: pooling, pair features, dropout and classifier."""

import torch
from torch import Tensor, nn

from ftcore.contract.network import HEAD_DROPOUT, POOLER_DROPOUT, SHORTEST, Head, Norm
from ftcore_torch.dropout import KeyedDropout, Masks
from ftcore_torch.functions import ACTIVATIONS
from ftcore_torch.layout import Inputs, pool, read_keys


class HeadModule(nn.Module):
    """Maps hidden states to logits; its parameters are named by their canonical paths."""

    def __init__(self, head: Head, masks: Masks) -> None:
        super().__init__()
        shapes = {parameter.path: parameter.shape for parameter in head.parameters}
        self._reads = head.pooled_states
        self._normalize = head.normalize
        self._pair, self._vectors = head.pair, head.vectors
        self.pooler = linear(shapes, "pooler") if head.pooler is not None else None
        self.pooler_norm = _norm(head.pooler_norm, shapes)
        self.classifier = linear(shapes, "classifier") if head.classifier is not None else None
        self.dropout = KeyedDropout(head.dropout, HEAD_DROPOUT, masks)
        self.pooler_dropout = KeyedDropout(head.pooler_dropout, POOLER_DROPOUT, masks)
        activation = None if head.pooler is None else head.pooler.activation
        self._activation = nn.Identity() if activation is None else ACTIVATIONS[activation]

    def pool(self, hidden_states: Tensor, inputs: Inputs) -> Tensor:
        """Return vectors [sequences, hidden] of hidden_states [rows, length, hidden]."""
        if self._reads is None:
            return hidden_states
        keys = read_keys(self._reads, inputs, self.pooler_dropout.masks.tokens)
        return self.finish(pool(self._reads, hidden_states, inputs), keys)

    def finish(self, pooled: Tensor, keys: Tensor | None = None) -> Tensor:
        """Return pooled vectors [sequences, hidden] after pooler and normalization, with their keys for dropout."""
        if self.pooler is not None:
            pooled = self._activation(self.pooler(self.pooler_dropout.by_keys(pooled, keys)))
        if self.pooler_norm is not None:
            pooled = self.pooler_norm(pooled)
        return nn.functional.normalize(pooled, dim=-1, eps=SHORTEST) if self._normalize else pooled

    def classify(self, pooled: Tensor) -> Tensor | None:
        """Return logits [examples, outputs] of pooled [sequences, hidden], or those vectors if they are the output.

        None if the head has neither.
        """
        if self.classifier is None:
            return pooled if self._vectors else None
        features = _concat_difference_product(pooled) if self._pair == "concat_difference_product" else pooled
        logits: Tensor = self.classifier(self.dropout(features))
        return logits


class NormModule(nn.Module):
    """A layer norm whose parameters are named as the core names them."""

    def __init__(self, norm: Norm, size: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(size))
        self.shift = nn.Parameter(torch.zeros(size)) if norm.shift else None
        self._epsilon = norm.epsilon

    def forward(self, values: Tensor) -> Tensor:
        """Return values [..., size] normalized."""
        return nn.functional.layer_norm(values, self.scale.shape, self.scale, self.shift, self._epsilon)


def _norm(norm: Norm | None, shapes: dict[str, tuple[int, ...]]) -> NormModule | None:
    return None if norm is None else NormModule(norm, shapes["pooler_norm.scale"][0])


def linear(shapes: dict[str, tuple[int, ...]], path: str) -> nn.Linear:
    """Return a linear map with the shapes of a head's parameters at a path."""
    outputs, inputs = shapes[f"{path}.weight"]
    return nn.Linear(inputs, outputs, bias=f"{path}.bias" in shapes)


def _concat_difference_product(pooled: Tensor) -> Tensor:
    u, v = pooled[0::2], pooled[1::2]
    return torch.cat([u, v, (u - v).abs(), u * v], dim=-1)

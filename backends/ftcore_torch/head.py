"""The head that a description asks for: pooling, the features of a pair, dropout, classifier."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ftcore.models.network import Head

Pool = Callable[[Tensor, Tensor], Tensor]


class HeadModule(nn.Module):
    """From hidden states to logits; its parameters are named by their canonical paths."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        shapes = {parameter.path: parameter.shape for parameter in head.parameters}
        self._pool = POOLS[head.pooling] if head.pooling is not None else None
        self._pair = head.pair
        self.pooler = _linear(shapes, "pooler") if head.pooler is not None else None
        self.classifier = _linear(shapes, "classifier") if head.classifier is not None else None
        self.dropout = nn.Dropout(head.dropout)

    def pool(self, hidden_states: Tensor, attention_mask: Tensor) -> Tensor:
        """Return [sequences, hidden] of hidden_states [sequences, length, hidden]."""
        if self._pool is None:
            return hidden_states
        pooled = self._pool(hidden_states, attention_mask)
        return pooled if self.pooler is None else torch.tanh(self.pooler(pooled))

    def classify(self, pooled: Tensor) -> Tensor | None:
        """Return logits [examples, outputs] of pooled [sequences, hidden], or None without a classifier."""
        if self.classifier is None:
            return None
        features = _concat_difference_product(pooled) if self._pair == "concat_difference_product" else pooled
        logits: Tensor = self.classifier(self.dropout(features))
        return logits


def _linear(shapes: dict[str, tuple[int, ...]], path: str) -> nn.Linear:
    outputs, inputs = shapes[f"{path}.weight"]
    return nn.Linear(inputs, outputs, bias=f"{path}.bias" in shapes)


def _concat_difference_product(pooled: Tensor) -> Tensor:
    u, v = pooled[0::2], pooled[1::2]
    return torch.cat([u, v, (u - v).abs(), u * v], dim=-1)


def _first(hidden_states: Tensor, attention_mask: Tensor) -> Tensor:
    return hidden_states[:, 0]


def _mean(hidden_states: Tensor, attention_mask: Tensor) -> Tensor:
    mask = attention_mask.to(hidden_states.dtype).unsqueeze(-1)
    return (hidden_states * mask).sum(dim=1) / mask.sum(dim=1)


def _max(hidden_states: Tensor, attention_mask: Tensor) -> Tensor:
    lowest = torch.finfo(hidden_states.dtype).min
    return hidden_states.masked_fill(attention_mask.unsqueeze(-1) == 0, lowest).amax(dim=1)


def _last(hidden_states: Tensor, attention_mask: Tensor) -> Tensor:
    positions = torch.arange(attention_mask.shape[1], device=attention_mask.device)
    last = (positions * (attention_mask != 0)).argmax(dim=1)
    return hidden_states[torch.arange(len(last), device=last.device), last]


POOLS: dict[str, Pool] = {"pooler": _first, "cls": _first, "mean": _mean, "max": _max, "last": _last}

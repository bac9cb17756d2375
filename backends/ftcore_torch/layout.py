"""How sequences lie in the rows of a batch, and how a head reads each one's own tokens."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

Inputs = Mapping[str, Tensor]
Pool = Callable[[Tensor, Inputs], Tensor]
"""(hidden_states [rows, length, hidden], inputs of the batch) -> [sequences, hidden]"""


def body_inputs(inputs: Inputs, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return what transformers' body takes: for packed rows, positions and a mask of blocks."""
    shared = {name: inputs[name] for name in ("input_ids", "token_type_ids")}
    if "segment_ids" not in inputs:
        return {**shared, "attention_mask": inputs["attention_mask"]}
    return {**shared, "position_ids": inputs["position_ids"], "attention_mask": _blocks(inputs["segment_ids"], dtype)}


def _blocks(segment_ids: Tensor, dtype: torch.dtype) -> Tensor:
    """Return float [rows, 1, length, length]: 0 within a segment, else the lowest number; padding is one too."""
    return additive(segment_ids.unsqueeze(1) != segment_ids.unsqueeze(2), dtype).unsqueeze(1)


def additive(excluded: Tensor, dtype: torch.dtype) -> Tensor:
    """Return what excludes when it is added to scores: the lowest number where bool `excluded` is true, else 0."""
    return torch.zeros_like(excluded, dtype=dtype).masked_fill_(excluded, torch.finfo(dtype).min)


def pool(name: str, hidden_states: Tensor, inputs: Inputs) -> Tensor:
    """Return one vector a sequence, [sequences, hidden]."""
    pools = PACKED_POOLS if "segment_ids" in inputs else PADDED_POOLS
    return pools[name](hidden_states, inputs)


def _first(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    return hidden_states[:, 0]


def _mean(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    mask = inputs["attention_mask"].to(hidden_states.dtype).unsqueeze(-1)
    return (hidden_states * mask).sum(dim=1) / mask.sum(dim=1)


def _max(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    lowest = torch.finfo(hidden_states.dtype).min
    return hidden_states.masked_fill(inputs["attention_mask"].unsqueeze(-1) == 0, lowest).amax(dim=1)


def _last(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    mask = inputs["attention_mask"]
    positions = torch.arange(mask.shape[1], device=mask.device)
    last = (positions * (mask != 0)).argmax(dim=1)
    return hidden_states[torch.arange(len(last), device=last.device), last]


def _packed_first(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    return hidden_states.flatten(0, 1)[inputs["starts"]]


def _packed_mean(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    # A product with a matrix of zeros and ones adds in the same order on every run, which index_add does not on a GPU.
    sequences = torch.arange(len(inputs["starts"]), device=hidden_states.device)
    member = (inputs["segment_ids"].flatten() == sequences.unsqueeze(1)).to(hidden_states.dtype)
    return member @ hidden_states.flatten(0, 1) / inputs["lengths"].to(hidden_states.dtype).unsqueeze(1)


def _packed_max(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    flat, count = hidden_states.flatten(0, 1), len(inputs["starts"])
    index = inputs["segment_ids"].flatten().long().unsqueeze(1).expand_as(flat)
    lowest = flat.new_full((count + 1, flat.shape[1]), torch.finfo(flat.dtype).min)
    return lowest.scatter_reduce(0, index, flat, "amax")[:count]


def _packed_last(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    return hidden_states.flatten(0, 1)[inputs["starts"] + inputs["lengths"] - 1]


PADDED_POOLS: Mapping[str, Pool] = {"pooler": _first, "cls": _first, "mean": _mean, "max": _max, "last": _last}
PACKED_POOLS: Mapping[str, Pool] = {
    "pooler": _packed_first,
    "cls": _packed_first,
    "mean": _packed_mean,
    "max": _packed_max,
    "last": _packed_last,
}

"""Handles the layout of sequences in the rows of a batch, and a head's reading of each sequence's tokens."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ftcore.contract.network import ONE_TOKEN, Attention, Pooling, Transformer, check_images

Inputs = Mapping[str, Tensor]
Pool = Callable[[Tensor, Inputs], Tensor]
"""Maps hidden_states [rows, length, hidden] and the inputs of the batch to [sequences, hidden]."""


class Reading(NamedTuple):
    """The one token of each sequence that a head reads.

    Attributes:
        places: int64 [sequences], its position in the concatenated rows.
        sequences: int64 [rows, slots], the sequence of each slot's token; unused slots repeat some sequence.
        slots: int64 [sequences], the slot of each sequence in the rows' concatenated slots.
        bias: float [rows, 1, slots or 1, length], 0 where the slot's token attends, else the lowest number.
        keys: int32 [sequences], its dropout key; None if nothing is dropped.
    """

    places: Tensor
    sequences: Tensor
    slots: Tensor
    bias: Tensor
    keys: Tensor | None


def reading(pooling: Pooling | None, inputs: Inputs, dtype: torch.dtype, tokens: Tensor | None) -> Reading | None:
    """Return what a pooling reads, given the tokens' dropout keys; None if it reads several tokens of a sequence."""
    places = _places(pooling, inputs)
    if places is None:
        return None
    keys = read_keys(pooling, inputs, tokens)
    if "segment_ids" not in inputs:
        rows = torch.arange(len(places), device=places.device)
        excluded = (inputs["attention_mask"] == 0).unsqueeze(1)
        return Reading(places, rows.unsqueeze(1), rows, additive(excluded, dtype).unsqueeze(1), keys)
    sequences = inputs["sequences"].long()
    excluded = sequences.unsqueeze(2) != inputs["segment_ids"].unsqueeze(1)
    slots = sequences.flatten().argsort()[: len(places)]
    return Reading(places, sequences.clamp(max=len(places) - 1), slots, additive(excluded, dtype).unsqueeze(1), keys)


def read_keys(pooling: Pooling | None, inputs: Inputs, tokens: Tensor | None) -> Tensor | None:
    """Return the dropout keys, int32 [sequences], of the tokens that a pooling reads, given all tokens' keys.

    None if nothing is dropped, or if it reads several tokens of a sequence.
    """
    places = None if tokens is None else _places(pooling, inputs)
    return None if tokens is None or places is None else tokens.flatten()[places]


def _places(pooling: Pooling | None, inputs: Inputs) -> Tensor | None:
    """Return the position in the concatenated rows of the one token that a pooling reads, or None."""
    if pooling not in ONE_TOKEN:
        return None
    if "segment_ids" in inputs:
        starts = inputs["starts"].long()
        return starts + inputs["lengths"] - 1 if pooling == "last" else starts
    mask = inputs["attention_mask"]
    starts = torch.arange(0, mask.numel(), mask.shape[1], device=mask.device)
    positions = torch.arange(mask.shape[1], device=mask.device)
    return starts + (positions * (mask != 0)).argmax(dim=1) if pooling == "last" else starts


def with_mask(inputs: Inputs, tokens: int) -> Inputs:
    """Return the inputs of images with an `attention_mask` of `tokens` tokens each, none of them padding."""
    images = inputs["pixel_values"]
    return {**inputs, "attention_mask": images.new_ones((len(images), tokens), dtype=torch.int32)}


def body_inputs(body: Transformer, inputs: Inputs, dtype: torch.dtype, by_kind: bool) -> dict[str, Any]:
    """Return the inputs of transformers' body, with positions, and ready-made masks if it must not make its own.

    Args:
        body: description of the body.
        inputs: inputs of the batch.
        dtype: type of the masks.
        by_kind: whether it takes a mask for each kind of block.
    """
    if body.patches is not None:
        check_images(inputs["pixel_values"].shape, body.patches.channels, (body.patches.height, body.patches.width))
        return {"pixel_values": inputs["pixel_values"]}
    shared = {name: inputs[name] for name in ("input_ids", "token_type_ids")[: 2 if body.token_types else 1]}
    length, device = inputs["input_ids"].shape[1], inputs["input_ids"].device
    positions = inputs["position_ids"] if "position_ids" in inputs else torch.arange(length, device=device)[None]
    return {
        **shared,
        "position_ids": counted(body, positions, inputs["input_ids"]) + body.first_position,
        "attention_mask": _mask(body, inputs, dtype, by_kind),
    }


def counted(body: Transformer, positions: Tensor, ids: Tensor) -> Tensor:
    """Return the positions, int [rows or 1, length], without the token that does not count; its own are -1.

    Args:
        body: description of the body.
        positions: int64 [rows or 1, length], the place of each token in its sequence.
        ids: int [rows, length].
    """
    if body.uncounted_token is None:
        return positions
    left_out = (ids == body.uncounted_token).long()
    before = left_out.cumsum(dim=1) - left_out
    starts = torch.arange(ids.shape[1], device=ids.device) - positions
    earlier = before - before.gather(1, starts.expand_as(before))
    return torch.where(left_out > 0, -1, positions - earlier)


def _mask(body: Transformer, inputs: Inputs, dtype: torch.dtype, by_kind: bool) -> Any:
    attention, packed = body.attention, "segment_ids" in inputs
    if by_kind:
        return {kind: _ready(inputs, attention.causal, one, dtype) for kind, one in _windows(attention).items()}
    if packed or attention.causal:
        return _ready(inputs, attention.causal, attention.window(0), dtype)
    return inputs["attention_mask"]


def decoding_masks(body: Transformer, mask: Tensor, new: int, dtype: torch.dtype, by_kind: bool) -> Any:
    """Return the ready-made masks of the last `new` tokens of rows, given the mask [rows, length] of all of them.

    Args:
        body: the decoder's description.
        mask: int, 0 for padding.
        new: number of tokens that the body is given; the ones before are in its cache.
        dtype: type of the masks, float [rows, 1, new, length].
        by_kind: whether the body takes a mask for each kind of block.
    """
    attention, padding = body.attention, (mask == 0).unsqueeze(1)
    if by_kind:
        return {kind: _reached(padding, True, one, dtype, new) for kind, one in _windows(attention).items()}
    return _reached(padding, True, attention.window(0), dtype, new)


def source_mask(mask: Tensor, dtype: torch.dtype) -> Tensor:
    """Return the ready-made mask of an encoder and of attention to it, float [rows, 1, 1, length]."""
    return _ready({"attention_mask": mask}, False, None, dtype)


def encoder_decoder_inputs(inputs: Inputs, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return the inputs of transformers' encoder-decoder, with ready-made masks."""
    target = {"attention_mask": inputs["decoder_attention_mask"]}
    return {
        "input_ids": inputs["input_ids"],
        "attention_mask": source_mask(inputs["attention_mask"], dtype),
        "decoder_input_ids": inputs["decoder_input_ids"],
        "decoder_attention_mask": _ready(target, True, None, dtype),
    }


def _excluded(inputs: Inputs) -> Tensor:
    """Return which tokens are excluded, bool [rows, length or 1, length]: padding, or those of other segments."""
    if "segment_ids" in inputs:
        return inputs["segment_ids"].unsqueeze(1) != inputs["segment_ids"].unsqueeze(2)
    return (inputs["attention_mask"] == 0).unsqueeze(1)


def _windows(attention: Attention) -> dict[str, int | None]:
    """Return the window of each kind of block, by transformers' name of the kind."""
    return {"full_attention": None, "sliding_attention": max(filter(None, attention.windows), default=None)}


def _ready(inputs: Inputs, causal: bool, window: int | None, dtype: torch.dtype) -> Tensor:
    """Return float [rows, 1, length or 1, length]: 0 where a token attends to another, else the lowest number."""
    excluded = _excluded(inputs)
    return _reached(excluded, causal, window, dtype, excluded.shape[2])


def _reached(excluded: Tensor, causal: bool, window: int | None, dtype: torch.dtype, last: int) -> Tensor:
    """Return the mask of the last tokens of rows, given the exclusions by padding or segments."""
    if causal or window is not None:
        places = torch.arange(excluded.shape[2], device=excluded.device)
        before = places[-last:].unsqueeze(1) - places
        excluded = excluded | (before < 0) if causal else excluded
        excluded = excluded if window is None else excluded | (before.abs() >= window)
    return additive(excluded, dtype).unsqueeze(1)


def additive(excluded: Tensor, dtype: torch.dtype) -> Tensor:
    """Return a mask to add to scores: the lowest number where bool `excluded` is true, else 0."""
    return torch.zeros_like(excluded, dtype=dtype).masked_fill_(excluded, torch.finfo(dtype).min)


def pool(name: Pooling, hidden_states: Tensor, inputs: Inputs) -> Tensor:
    """Return one vector per sequence, [sequences, hidden]."""
    places = _places(name, inputs)
    if places is not None:
        return hidden_states.flatten(0, 1)[places]
    pools = PACKED_POOLS if "segment_ids" in inputs else PADDED_POOLS
    return pools[name](hidden_states, inputs)


def _mean(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    mask = inputs["attention_mask"].to(hidden_states.dtype).unsqueeze(-1)
    return (hidden_states * mask).sum(dim=1) / mask.sum(dim=1)


def _max(hidden_states: Tensor, inputs: Inputs) -> Tensor:
    lowest = torch.finfo(hidden_states.dtype).min
    return hidden_states.masked_fill(inputs["attention_mask"].unsqueeze(-1) == 0, lowest).amax(dim=1)


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


PADDED_POOLS: Mapping[str, Pool] = {"mean": _mean, "max": _max}
PACKED_POOLS: Mapping[str, Pool] = {"mean": _packed_mean, "max": _packed_max}

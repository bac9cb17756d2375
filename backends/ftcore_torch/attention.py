"""Computes attention with keyed dropout on its weights."""

from typing import Any

import torch
from torch import Tensor, nn

from ftcore_torch.dropout import KEYED, KeyedDropout
from ftcore_torch.layout import additive

ATTENTION = "ftcore_keyed_dropout"
"""Name under which this file's attention function is registered in transformers."""


def attend_with_keyed_dropout(model: Any) -> None:
    """Make a transformers model use this file's attention function."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(ATTENTION, _attention)
    AttentionMaskInterface.register(ATTENTION, sdpa_mask)
    model.set_attn_implementation(ATTENTION)


def attention_weights(query: Tensor, key: Tensor, bias: Tensor | None, cap: float | None = None) -> Tensor:
    """Return weights [rows, heads, queries, keys], at least float32, from scaled queries and keys, without dropout.

    Args:
        query: [rows, heads, queries, channels].
        key: [rows, heads, keys, channels].
        bias: added to the scores, [rows, heads or 1, queries or 1, keys].
        cap: bound of the scores, cap * tanh(score / cap); None for no bound.
    """
    scores = torch.matmul(query, key.transpose(2, 3))
    if cap is not None:
        scores = torch.tanh(scores / cap) * cap
    if bias is not None:
        scores = scores + bias
    return scores.softmax(dim=-1, dtype=torch.promote_types(scores.dtype, torch.float32))


def _attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    """Attend with keyed dropout on the weights or bounded scores if requested, else by transformers' sdpa."""
    cap = options.get("softcap")
    if not options.get("dropout") and cap is None:
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        return sdpa_attention_forward(module, query, key, value, attention_mask, **options)
    if attention_mask is not None and attention_mask.dtype == torch.bool:
        # transformers' own masks are bool, true where a token may attend.
        attention_mask = additive(~attention_mask, query.dtype)
    relative = options.get("position_bias")
    if relative is not None:
        attention_mask = relative if attention_mask is None else attention_mask + relative
    groups = query.shape[1] // key.shape[1]
    key, value = (part.repeat_interleave(groups, dim=1) for part in (key, value))
    weights = attention_weights(query * options["scaling"], key, attention_mask, cap)
    dropout = module.get_submodule(KEYED)
    if not isinstance(dropout, KeyedDropout):
        raise TypeError(f"a {type(dropout).__name__} is not a keyed dropout")
    return torch.matmul(dropout.of_attention(weights), value).transpose(1, 2).contiguous(), None

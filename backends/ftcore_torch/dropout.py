"""Dropout by the contract's keyed masks, in the places of a transformers model and of the head."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from ftcore import dropout as definition
from ftcore.backend import Batch
from ftcore_torch.layout import additive

ATTENTION = "ftcore_keyed_dropout"
"""Name under which transformers knows the attention function of this file."""


class Masks:
    """The keys of the batch that is being trained on; no batch, no dropout."""

    def __init__(self, sites: Sequence[str], most_channels: int) -> None:
        """Name the places that drop; none has more channels than `most_channels`."""
        self._sites = sites
        self._channels = torch.from_numpy(definition.channel_keys(most_channels))
        self._of_site: Mapping[str, Tensor] = {}
        self.tokens: Tensor | None = None
        self.examples: Tensor | None = None

    @contextmanager
    def of(self, batch: Batch, seed: int, step: int, device: torch.device) -> Iterator[None]:
        """Drop by this batch's keys."""
        keys = definition.keys(batch)
        # Tensors, not numbers: a compiled network would be compiled anew for every number.
        of_sites = torch.from_numpy(definition.site_keys(seed, step, self._sites)).to(device)
        self._of_site = dict(zip(self._sites, of_sites.unbind(), strict=True))
        self._channels = self._channels.to(device)
        self.examples = torch.from_numpy(keys.examples).to(device)
        self.tokens = None if keys.tokens is None else torch.from_numpy(keys.tokens).to(device)
        try:
            yield
        finally:
            self._of_site, self.examples, self.tokens = {}, None, None

    def site(self, name: str) -> Tensor:
        """Return the key of a place, int32 []."""
        return self._of_site[name]

    def channels(self, count: int) -> Tensor:
        """Return the keys of the first channels, int32 [count]."""
        return self._channels[:count]


class KeyedDropout(nn.Module):
    """Dropout at one place; stands where a model had nn.Dropout, whose rate `p` it keeps."""

    def __init__(self, rate: float, site: str, masks: Masks) -> None:
        super().__init__()
        self.p = rate
        self._site, self._masks = site, masks

    def forward(self, values: Tensor) -> Tensor:
        """Return values, [rows, length, channels] or [examples, channels], masked."""
        keys = self._masks.examples if values.ndim == 2 else self._masks.tokens
        if not self.training or self.p == 0.0 or keys is None:
            return values
        site = self._masks.site(self._site)
        return self._drop(values, (keys ^ site).unsqueeze(-1) ^ self._masks.channels(values.shape[-1]))

    def attention_weights(self, weights: Tensor) -> Tensor:
        """Return weights [rows, heads, length, length] masked."""
        tokens = self._masks.tokens
        if not self.training or self.p == 0.0 or tokens is None:
            return weights
        pairs = (tokens ^ self._masks.site(self._site)).unsqueeze(2) + (tokens * definition.FIRST).unsqueeze(1)
        heads = self._masks.channels(weights.shape[1])
        return self._drop(weights, pairs.unsqueeze(1) ^ heads[:, None, None])

    def _drop(self, values: Tensor, elements: Tensor) -> Tensor:
        # In bfloat16 the scale would be wrong by up to 0.4 %.
        wide = torch.promote_types(values.dtype, torch.float32)
        return (values * _kept(elements, self.p).to(wide).mul_(1.0 / (1.0 - self.p))).to(values.dtype)


def replace_dropouts(body: nn.Module, modules: Mapping[str, str], masks: Masks) -> None:
    """Put keyed dropout in the places of a transformers model that `modules` names, by canonical path."""
    for site, name in modules.items():
        dropout = body.get_submodule(name)
        if not isinstance(dropout, nn.Dropout):
            raise TypeError(f"{name} of the model is no dropout, but a {type(dropout).__name__}")
        body.set_submodule(name, KeyedDropout(dropout.p, site, masks))


def register_attention() -> str:
    """Make the attention function known to transformers; return its name."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(ATTENTION, _attention)
    AttentionMaskInterface.register(ATTENTION, sdpa_mask)
    return ATTENTION


def _attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    """Attend with keyed dropout on the weights where training asks for it, else by transformers' sdpa."""
    if not options.get("dropout"):
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        return sdpa_attention_forward(module, query, key, value, attention_mask, **options)
    scores = torch.matmul(query * options["scaling"], key.transpose(2, 3))
    if attention_mask is not None:
        # A mask of transformers' own is bool, true where attention goes.
        is_bool = attention_mask.dtype == torch.bool
        scores = scores + (additive(~attention_mask, scores.dtype) if is_bool else attention_mask)
    wide = torch.promote_types(scores.dtype, torch.float32)
    weights = module.dropout.attention_weights(scores.softmax(dim=-1, dtype=wide))  # type: ignore[operator,union-attr]
    return torch.matmul(weights, value).transpose(1, 2).contiguous(), None


def _kept(elements: Tensor, rate: float) -> Tensor:
    """Return which are kept, as `ftcore.dropout.kept`; `elements`, int32, is overwritten."""
    elements.mul_(definition.FIRST)
    elements ^= (elements >> definition.SHIFT).bitwise_and_(definition.LOW_BITS)
    elements.mul_(definition.SECOND)
    return elements >= definition.threshold(rate)

"""Implements dropout by the contract's keyed masks, at the dropout sites of a transformers model and of the head."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from ftcore.contract import Batch
from ftcore.contract import dropout as definition
from ftcore.contract.network import DECODER, Architecture, EncoderDecoder

WEIGHTS = "attention.weights"
"""Suffix of the paths of dropout on attention weights."""
TABLE = "attention.relative_positions"
"""Suffix of the paths of dropout on a table that all tokens read."""
CROSS = "cross_attention"
"""Part of the paths of a decoder's attention to the encoder's tokens."""
KEYED = "keyed_dropout"
"""Name of an attention's submodule that drops its weights."""


class Masks:
    """The keys of the current training batch; without a batch there is no dropout."""

    def __init__(self, sites: Sequence[str], most_channels: int, *, table_rows: int = 0, image_tokens: int = 0) -> None:
        """Set the dropout sites.

        Args:
            sites: dropout sites, by canonical path.
            most_channels: largest number of channels of any site.
            table_rows: largest number of rows of any table among them.
            image_tokens: see `Network.image_tokens`.
        """
        self._sites = sites
        self._rows = torch.from_numpy(definition.row_keys(table_rows))
        self._image_tokens = image_tokens
        self._channels = torch.from_numpy(definition.channel_keys(most_channels))
        self._of_site: Mapping[str, Tensor] = {}
        self._turns: dict[str, int] = {}
        self.tokens: Tensor | None = None
        self.decoder_tokens: Tensor | None = None
        self.examples: Tensor | None = None

    @contextmanager
    def of(self, batch: Batch, seed: int, step: int, device: torch.device) -> Iterator[None]:
        """Apply dropout by this batch's keys in the context."""
        keys = definition.keys(batch, self._image_tokens)
        # Tensors, not numbers: a compiled network would be recompiled for every number.
        of_sites = torch.from_numpy(definition.site_keys(seed, step, self._sites)).to(device)
        self._of_site = dict(zip(self._sites, of_sites.unbind(), strict=True))
        self._turns = {}
        self._channels, self._rows = self._channels.to(device), self._rows.to(device)
        self.examples = torch.from_numpy(keys.examples).to(device)
        self.tokens = None if keys.tokens is None else torch.from_numpy(keys.tokens).to(device)
        of_decoder = keys.decoder_tokens
        self.decoder_tokens = None if of_decoder is None else torch.from_numpy(of_decoder).to(device)
        try:
            yield
        finally:
            self._of_site, self.examples, self.tokens, self.decoder_tokens = {}, None, None, None

    def site(self, names: Sequence[str]) -> Tensor:
        """Return the key of a site, int32 []; if a module has several sites, each call returns the next one's."""
        turn = self._turns.get(names[0], 0)
        if len(names) > 1:
            self._turns[names[0]] = (turn + 1) % len(names)
        return self._of_site[names[turn]]

    def tokens_at(self, site: str) -> Tensor | None:
        """Return the keys of the tokens at a site, int32 [rows, length]; None without a batch."""
        return self.decoder_tokens if site.startswith(DECODER) else self.tokens

    def channels(self, count: int) -> Tensor:
        """Return the keys of the first channels, int32 [count]."""
        return self._channels[:count]

    def table_rows(self, count: int) -> Tensor | None:
        """Return the keys of the first rows of a table, int32 [count]; None without a batch."""
        return None if self.examples is None else self._rows[:count]


class KeyedDropout(nn.Module):
    """Dropout at one site, or at several in turn; it replaces a model's nn.Dropout and keeps its rate `p`."""

    def __init__(self, rate: float, site: str, masks: Masks) -> None:
        super().__init__()
        self.p = rate
        self.masks = masks
        self._sites = [site]

    def add_site(self, site: str) -> None:
        """Add a dropout site, which the model reaches after the others."""
        self._sites.append(site)

    def forward(self, values: Tensor) -> Tensor:
        """Return values masked.

        Args:
            values: [rows, length, channels], [examples, channels], attention weights, or the rows of a table at TABLE.
        """
        if values.ndim == 4:
            return self.of_attention(values)
        if self._sites[0].endswith(TABLE):
            return self.by_keys(values, self.masks.table_rows(len(values)))
        return self.by_keys(values, self.masks.examples if values.ndim == 2 else self.masks.tokens_at(self._sites[0]))

    def by_keys(self, values: Tensor, keys: Tensor | None) -> Tensor:
        """Return values [..., channels] masked by int32 keys [...]; without keys there is no dropout."""
        if not self.training or self.p == 0.0 or keys is None:
            return values
        of_rows = (keys ^ self.masks.site(self._sites)).unsqueeze(-1)
        return _drop(values, of_rows, self.masks.channels(values.shape[-1]), self.p)

    def of_attention(self, weights: Tensor) -> Tensor:
        """Return weights [rows, heads, queries, keys] of the batch's tokens masked."""
        site = self._sites[0]
        queries = self.masks.tokens_at(site)
        return self.attention_weights(weights, queries, self.masks.tokens if CROSS in site else queries)

    def attention_weights(self, weights: Tensor, queries: Tensor | None, keys: Tensor | None) -> Tensor:
        """Return weights [rows, heads, queries, keys] masked by int32 keys [rows, queries] and [rows, keys]."""
        if not self.training or self.p == 0.0 or queries is None or keys is None:
            return weights
        heads = self.masks.channels(weights.shape[1]).unsqueeze(-1)
        of_queries = (queries ^ self.masks.site(self._sites)).unsqueeze(1) * heads
        return _drop(weights, of_queries.unsqueeze(-1), keys[:, None, None], self.p)


class _Drop(torch.autograd.Function):
    """Dropout whose gradient stores one byte per element: whether it is kept."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, one: Tensor, other: Tensor, rate: float) -> Tensor:
        kept = one * other >= definition.threshold(rate)
        ctx.save_for_backward(kept)
        ctx.scale = 1.0 / (1.0 - rate)
        return _scaled(values, kept, ctx.scale)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (kept,) = ctx.saved_tensors
        return _scaled(gradients[0], kept, ctx.scale), None, None, None


def _drop(values: Tensor, one: Tensor, other: Tensor, rate: float) -> Tensor:
    """Return values masked by the product of int32 keys, see `ftcore.contract.dropout.kept`."""
    dropped: Tensor = _Drop.apply(values, one, other, rate)  # type: ignore[no-untyped-call]
    return dropped


def _scaled(values: Tensor, kept: Tensor, scale: float) -> Tensor:
    return torch.where(kept, values, 0.0).mul_(scale)


def replace_dropouts(body: nn.Module, architecture: Architecture, masks: Masks) -> None:
    """Replace the dropout of a transformers model by keyed dropout, at the sites that its description names.

    Where attention drops its weights itself, the site is the attention's module, which gets a submodule KEYED. A module
    that is named for several sites drops at them in this order. "name:input" and "name:output" are a module's input
    and output.
    """
    for site, place in architecture.dropout_modules.items():
        name, _, end = place.partition(":")
        module = body.get_submodule(name)
        if end:
            _drop_at(module, end, KeyedDropout(_described_rate(architecture, site), site, masks))
            continue
        if isinstance(module, KeyedDropout):
            module.add_site(site)
            continue
        if isinstance(module, nn.Dropout):
            keyed = KeyedDropout(module.p, site, masks)
            body.set_submodule(name, keyed)
            module = body.get_submodule(name.rpartition(".")[0])
        elif site.endswith(WEIGHTS):
            keyed = KeyedDropout(_rate_of_attention(module), site, masks)
        else:
            raise TypeError(f"{name} of the model is not a dropout, but a {type(module).__name__}")
        if site.endswith(WEIGHTS):
            module.add_module(KEYED, keyed)


def keep_others_whole(model: nn.Module) -> None:
    """Switch off transformers' dropout by functions, and by modules that are at no described site."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if hasattr(module, KEYED):
            # The attention function drops if this rate is above 0.
            continue
        for name in ("dropout", "activation_dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)


def _rate_of_attention(module: Any) -> float:
    return float(module.attention_dropout if hasattr(module, "attention_dropout") else module.dropout)


def _described_rate(architecture: Architecture, site: str) -> float:
    if not isinstance(architecture.body, EncoderDecoder):
        raise TypeError(f"the dropout at {site} is a module's own")
    return architecture.body.dropout_rate(site)


def _drop_at(module: nn.Module, end: str, keyed: KeyedDropout) -> None:
    """Drop from a module's input, its first argument, or from its output."""
    module.add_module(f"{KEYED}_{end}", keyed)
    if end == "input":
        module.register_forward_pre_hook(lambda _, given: (keyed(given[0]), *given[1:]))
    else:
        module.register_forward_hook(lambda _, given, output: keyed(output))

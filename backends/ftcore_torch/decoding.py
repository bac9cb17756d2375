"""Generates one token per call with transformers' own model and its key-value cache."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ftcore.contract.network import EncoderDecoder, Transformer
from ftcore_torch.denormals import flushed_denormals
from ftcore_torch.language_model import LanguageModel
from ftcore_torch.layout import decoding_masks, source_mask
from ftcore_torch.precision import products


class TorchDecoding:
    """Sequences with their cache; masks are passed ready-made, so that the cache also keeps tokens outside a window."""

    def __init__(self, network: LanguageModel, inputs: Mapping[str, Tensor]) -> None:
        self._network, self._model, self._dtype = network, network.root, network.dtype
        described = network.described
        self._source = _Source(network, inputs) if isinstance(described, EncoderDecoder) else None
        self._body = described.decoder if isinstance(described, EncoderDecoder) else described
        self._cache = _cache(described)
        ids = inputs["input_ids" if self._source is None else "decoder_input_ids"]
        self._mask = inputs["attention_mask"] if self._source is None else torch.ones_like(ids)
        self._logits = self._after(ids)

    @property
    def logits(self) -> np.ndarray:
        """Logits of the token after each prompt, float [sequences, outputs]."""
        return self._logits

    def next(self, tokens: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
        """Append a token to each sequence, and return the logits of the next; shapes as in `Decoding.next`."""
        device = self._mask.device
        if order is not None:
            self._reorder(torch.from_numpy(np.ascontiguousarray(order)).to(device))
        self._mask = torch.nn.functional.pad(self._mask, (0, 1), value=1)
        return self._after(torch.from_numpy(tokens).to(device).unsqueeze(1))

    def _reorder(self, order: Tensor) -> None:
        self._mask = self._mask[order]
        if self._source is None:
            self._cache.reorder_cache(order)
            return
        self._cache.self_attention_cache.reorder_cache(order)
        if self._source.reorder(order):
            self._cache.cross_attention_cache.reorder_cache(order)

    @flushed_denormals()
    @torch.inference_mode()
    def _after(self, ids: Tensor) -> np.ndarray:
        """Return the logits after int ids [sequences, new], which are added to the cache."""
        self._model.eval()
        given = self._of_decoder(ids) if self._source is None else self._of_text(self._source, ids)
        with products(self._network.precision, ids.device):
            logits = self._model(**given, past_key_values=self._cache, use_cache=True).logits[:, -1]
        found: np.ndarray = logits.cpu().numpy()
        return found

    def _of_decoder(self, ids: Tensor) -> dict[str, Any]:
        new, by_kind = ids.shape[1], hasattr(self._model.config, "layer_types")
        positions = (self._mask.cumsum(dim=1) - 1).clamp(min=0)[:, -new:]
        masks = decoding_masks(self._body, self._mask, new, self._dtype, by_kind)
        return {
            "input_ids": ids,
            "attention_mask": masks,
            "position_ids": positions + self._body.first_position,
            "logits_to_keep": 1,
        }

    def _of_text(self, source: "_Source", ids: Tensor) -> dict[str, Any]:
        masks = decoding_masks(self._body, self._mask, ids.shape[1], self._dtype, by_kind=False)
        return {
            "encoder_outputs": (source.encoded,),
            "attention_mask": source.mask,
            "decoder_input_ids": ids,
            "decoder_attention_mask": masks,
        }


class _Source:
    """The encoder's output for each sequence's source text.

    Attributes:
        encoded: float [sequences, length, hidden].
        mask: ready-made mask, float [sequences, 1, 1, length].
    """

    @flushed_denormals()
    @torch.inference_mode()
    def __init__(self, network: LanguageModel, inputs: Mapping[str, Tensor]) -> None:
        network.root.eval()
        ids = inputs["input_ids"]
        self.mask = source_mask(inputs["attention_mask"], network.dtype)
        self._texts = torch.arange(len(ids), device=ids.device)
        encoder: Any = network.root
        with products(network.precision, ids.device):
            self.encoded: Tensor = encoder.get_encoder()(input_ids=ids, attention_mask=self.mask)[0]

    def reorder(self, order: Tensor) -> bool:
        """Select sequences; return whether their source texts change, which is rare in beam search."""
        texts = self._texts[order]
        if torch.equal(texts, self._texts):
            return False
        self._texts, self.mask, self.encoded = texts, self.mask[order], self.encoded[order]
        return True


def _cache(described: Transformer | EncoderDecoder) -> Any:
    from transformers import DynamicCache, EncoderDecoderCache

    if isinstance(described, EncoderDecoder):
        return EncoderDecoderCache(DynamicCache(), DynamicCache())
    return DynamicCache()

"""Gemma (Gemma Team 2024), Gemma 2 and the text models of Gemma 3.

The stored scale of a norm is one less than its scale, and embeddings are multiplied by the root of their size. Gemma 2
adds norms after each part, sliding windows and bounded scores. Gemma 3 adds norms of heads, and other rotary positions
in blocks with a sliding window.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from ftcore.contract.network import Attention, Transformer
from ftcore.models.families import decoder, fields, rotary
from ftcore.models.families.decoder import FULL, SLIDING, Config, Decoder

AROUND = {
    "attention.norm": "input_layernorm",
    "attention.norm_after": "post_attention_layernorm",
    "feed_forward.norm": "pre_feedforward_layernorm",
    "feed_forward.norm_after": "post_feedforward_layernorm",
}
DEFAULTS: dict[str, Any] = {
    "num_hidden_layers": 26,
    "hidden_size": 2304,
    "intermediate_size": 9216,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "hidden_activation": "gelu_pytorch_tanh",
    "query_pre_attn_scalar": 256,
    "sliding_window": 4096,
    "pad_token_id": 0,
    "eos_token_id": 1,
}
"""Settings that Gemma 2 and 3 share."""


def _gemma(config: Config, pad_row: int | None) -> Transformer:
    # transformers reads this older value as the other formula, with a warning.
    activation = (
        "gelu_pytorch_tanh" if fields.given(config, "hidden_act") == "gelu" else fields.given(config, "hidden_act")
    )
    attention, positions = decoder.with_rotaries(decoder.attention(config), config)
    return _body({**config, "hidden_activation": activation}, pad_row, attention, positions, norm_place="before")


def _gemma2(config: Config, pad_row: int | None) -> Transformer:
    kinds = [FULL if (block + 1) % 2 == 0 else SLIDING for block in range(decoder.blocks(config))]
    cap = fields.given(config, "attn_logit_softcapping")
    found = decoder.attention(
        config,
        scale=fields.positive(config, "query_pre_attn_scalar", 256) ** -0.5,
        cap=None if cap is None else fields.positive(config, "attn_logit_softcapping", 50.0),
        windows=decoder.windows(config, kinds),
    )
    attention, positions = decoder.with_rotaries(found, config)
    return _body(config, pad_row, attention, positions, norm_place="around")


def _gemma3(config: Config, pad_row: int | None) -> Transformer:
    pattern = fields.count(config, "sliding_window_pattern", 6)
    default = [FULL if (block + 1) % pattern == 0 else SLIDING for block in range(decoder.blocks(config))]
    attention = decoder.attention(
        config,
        scale=fields.positive(config, "query_pre_attn_scalar", 256) ** -0.5,
        head_norm=decoder.norm(config, offset=1.0),
        windows=decoder.windows(config, default),
    )
    positions = fields.count(config, "max_position_embeddings", 1)
    by_kind = {
        FULL: rotary.rotary(rotary.settings_of(config, 1_000_000.0, FULL), attention.channels, positions),
        SLIDING: rotary.rotary(_local(config), attention.channels, positions),
    }
    rotaries = tuple(by_kind[kind] for kind in decoder.layer_types(config, default))
    return _body(config, pad_row, replace(attention, rotaries=rotaries), positions, norm_place="around")


def _local(config: Config) -> dict[str, Any]:
    """Return the rotary positions of Gemma 3's blocks with a window, to which the older rope_scaling does not apply."""
    nested = fields.given(config, "rope_parameters") or {}
    theta = fields.given(config, "rope_local_base_freq", 10_000.0)
    return rotary.settings_of({"rope_parameters": nested.get(SLIDING) or {}}, theta)


def _body(config: Config, pad_row: int | None, attention: Attention, positions: int, **more: Any) -> Transformer:
    return decoder.transformer(
        config,
        pad_row,
        attention,
        positions,
        feed_forward=decoder.feed_forward(config, "hidden_activation"),
        norm=decoder.norm(config, offset=1.0),
        # As transformers keeps it, whatever the type of the weights.
        embedding_scale=float(np.float32(math.sqrt(fields.count(config, "hidden_size", 1)))),
        **more,
    )


GEMMAS = (
    Decoder(
        "gemma",
        "Gemma",
        {
            "vocab_size": 256000,
            "hidden_size": 3072,
            "intermediate_size": 24576,
            "num_hidden_layers": 28,
            "num_attention_heads": 16,
            "num_key_value_heads": 16,
            "head_dim": 256,
            "hidden_act": "gelu_pytorch_tanh",
            "max_position_embeddings": 8192,
            "pad_token_id": 0,
            "eos_token_id": 1,
        },
        _gemma,
        ties=True,
    ),
    Decoder(
        "gemma2",
        "Gemma2",
        {
            **DEFAULTS,
            "vocab_size": 256000,
            "max_position_embeddings": 8192,
            "attn_logit_softcapping": 50.0,
            "final_logit_softcapping": 30.0,
        },
        _gemma2,
        names=replace(decoder.NAMES, norms=AROUND),
        ties=True,
    ),
    Decoder(
        "gemma3_text",
        "Gemma3Text",
        {**DEFAULTS, "vocab_size": 262208, "max_position_embeddings": 131072},
        _gemma3,
        names=replace(decoder.NAMES, norms={**AROUND, **decoder.HEAD_NORMS}),
        # transformers' Gemma 3 does not support it either.
        neutral={"attn_logit_softcapping": (None,)},
        causal_class="Gemma3ForCausalLM",
        classifies_tokens=False,
        ties=True,
    ),
)

"""Phi-3 (Abdin et al. 2024): a decoder like Llama that stores the linear maps of one input as one tensor."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ftcore.contract.network import Transformer
from ftcore.errors import ModelError
from ftcore.models.families import decoder, fields
from ftcore.models.families.decoder import FULL, SLIDING, Config, Decoder
from ftcore.models.families.parameters import Names

NAMES = Names(
    prefix=decoder.NAMES.prefix,
    layers=decoder.NAMES.layers,
    dense={
        "attention.query_key_value": "self_attn.qkv_proj",
        "attention.output": "self_attn.o_proj",
        "feed_forward.gate_inner": "mlp.gate_up_proj",
        "feed_forward.outer": "mlp.down_proj",
    },
    norms=decoder.NORMS,
    dropouts={
        "attention.weights": "self_attn",
        "attention": "resid_attn_dropout",
        "feed_forward": "resid_mlp_dropout",
    },
    outside=decoder.NAMES.outside,
)
OTHER_NAMES = {"su": "longrope", "yarn": "longrope"}
"""Older names for the kind of rotary positions in Phi-3's configs."""


def _phi3(config: Config, pad_row: int | None) -> Transformer:
    config = _renamed({**config, "attention_bias": False, "mlp_bias": False})
    kind = FULL if fields.given(config, "sliding_window") is None else SLIDING
    windows = decoder.windows(config, [kind] * decoder.blocks(config))
    attention, positions = decoder.with_rotaries(decoder.attention(config, joint=True, windows=windows), config)
    dropout = fields.rate(config, "resid_pdrop", 0.0)
    return decoder.transformer(
        config,
        pad_row,
        attention,
        positions,
        feed_forward=replace(decoder.feed_forward(config, "hidden_act"), joint=True),
        mixed_dropout=dropout,
        feed_forward_dropout=dropout,
    )


def _renamed(config: dict[str, Any]) -> dict[str, Any]:
    """Return a config with the current name for the kind of rotary positions."""
    name = "rope_scaling" if fields.given(config, "rope_scaling") else "rope_parameters"
    given = fields.given(config, name) or {}
    if not isinstance(given, Mapping):
        raise ModelError(f"{name} is {given!r}, but must be an object")
    kind = given.get("rope_type", given.get("type", "default"))
    kind = OTHER_NAMES.get(kind, kind)
    if kind not in ("default", "longrope"):
        raise ModelError(f"rope_type {kind!r} is not supported by phi3; allowed: default, longrope")
    return {**config, name: {**given, "rope_type": kind}}


PHI3 = Decoder(
    "phi3",
    "Phi3",
    {
        "vocab_size": 32064,
        "hidden_size": 3072,
        "intermediate_size": 8192,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "max_position_embeddings": 4096,
        "original_max_position_embeddings": 4096,
        "rms_norm_eps": 1e-5,
        "pad_token_id": 32000,
        "eos_token_id": 32000,
    },
    _phi3,
    names=NAMES,
    neutral={"layer_types": (None,), "head_dim": (None,)},
    dropouts=("attention_dropout", "resid_pdrop"),
)

"""Decoders."""

from dataclasses import replace
from typing import Any

from ftcore.conformance.families.base import FamilyCases, each
from ftcore.conformance.kinds import LANGUAGE_MODEL
from ftcore.conformance.kinds.base import Fields

SPECIAL: dict[str, Any] = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
GPT2: dict[str, Any] = {"vocab_size": 24, "n_embd": 8, "n_layer": 2, "n_head": 2, "n_positions": 16, **SPECIAL}
LLAMA: dict[str, Any] = {
    "vocab_size": 24,
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 16,
    **SPECIAL,
}
WINDOW: dict[str, Any] = {"sliding_window": 3}
UPPER_WINDOW: dict[str, Any] = {**WINDOW, "use_sliding_window": True, "max_window_layers": 1}
GEMMA2: dict[str, Any] = {
    **LLAMA,
    **WINDOW,
    "head_dim": 6,
    "query_pre_attn_scalar": 9,
}
HEADS: tuple[Fields, ...] = (
    {"num_attention_heads": 4, "num_key_value_heads": 1},
    {"num_attention_heads": 2, "num_key_value_heads": 2},
    {"num_attention_heads": 4, "num_key_value_heads": 2, "hidden_size": 16},
)
HEAD_SIZES = each("head_dim", 2, 4, 6)
COMMON: tuple[tuple[Fields, ...], ...] = (
    each("num_hidden_layers", 1, 2),
    each("rms_norm_eps", 1e-6, 1e-5, 1e-2),
    HEADS,
)
BIASES = each("attention_bias", False, True)


def rope(kind: str, theta: float = 500.0, **numbers: Any) -> dict[str, Any]:
    """Return the config field of rotary positions."""
    return {"rope_parameters": {"rope_type": kind, "rope_theta": theta, **numbers}}


LLAMA3 = rope("llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8)
YARN: dict[str, Any] = {"factor": 4.0, "original_max_position_embeddings": 8, "beta_fast": 4.0}
ROPES: tuple[Fields, ...] = (
    rope("default"),
    rope("linear", factor=3.0),
    LLAMA3,
    rope("yarn", **YARN),
)
"""The kinds of rotary positions for heads of any size."""
DECODERS = (
    FamilyCases(
        "gpt2",
        GPT2,
        {
            "relu, inner size, unscaled": {
                "n_layer": 1,
                "n_inner": 20,
                "activation_function": "relu",
                "scale_attn_weights": False,
                "layer_norm_epsilon": 1e-3,
            }
        },
        (
            each("activation_function", "gelu_new", "gelu", "relu", "silu", "tanh"),
            each("n_layer", 1, 2),
            each("n_inner", None, 5),
            ({"n_embd": 8, "n_head": 1}, {"n_embd": 12, "n_head": 4}),
            each("scale_attn_weights", True, False),
            each("layer_norm_epsilon", 1e-5, 1e-2),
        ),
    ),
    FamilyCases(
        "llama",
        LLAMA,
        {
            "biases, head size 6, one key": {
                "num_hidden_layers": 1,
                "attention_bias": True,
                "mlp_bias": True,
                "head_dim": 6,
                "num_key_value_heads": 1,
                "rms_norm_eps": 1e-3,
            },
            "rope llama3": {"num_hidden_layers": 1, "head_dim": 8, **LLAMA3},
            "rope linear": {"num_hidden_layers": 1, **rope("linear", factor=3.0)},
            "rope dynamic": {"num_hidden_layers": 1, "head_dim": 8, **rope("dynamic", factor=3.0)},
            "rope yarn": {"num_hidden_layers": 1, "head_dim": 6, **rope("yarn", **YARN)},
            "rope yarn with mscale": {
                "num_hidden_layers": 1,
                "head_dim": 8,
                **rope("yarn", **YARN, mscale=0.7, mscale_all_dim=0.9),
            },
            "older fields": {
                "num_hidden_layers": 1,
                "rope_theta": 300.0,
                "rope_scaling": {"type": "linear", "factor": 2.0},
            },
        },
        (*COMMON, HEAD_SIZES, BIASES, each("mlp_bias", False, True), each("hidden_act", "silu", "gelu"), ROPES),
    ),
    FamilyCases(
        "mistral",
        {**LLAMA, **WINDOW},
        {"no window": {"num_hidden_layers": 1, "sliding_window": None, "head_dim": 6}},
        (*COMMON, each("sliding_window", 1, 4, None), ROPES),
    ),
    FamilyCases(
        "qwen2",
        LLAMA,
        {"upper windows, epsilon 1e-3": {**UPPER_WINDOW, "rms_norm_eps": 1e-3}},
        (*COMMON, ({}, UPPER_WINDOW), ROPES),
    ),
    FamilyCases(
        "qwen3",
        {**LLAMA, "head_dim": 6},
        {
            "biases, gelu, a key each": {
                "num_hidden_layers": 1,
                "head_dim": 4,
                "attention_bias": True,
                "num_key_value_heads": 4,
                "hidden_act": "gelu",
            },
            "upper windows": UPPER_WINDOW,
        },
        (*COMMON, HEAD_SIZES, BIASES, ({}, UPPER_WINDOW)),
    ),
    FamilyCases(
        "smollm3",
        {**LLAMA, "no_rope_layer_interval": 2},
        {
            "windows where nothing turns, biases": {
                **WINDOW,
                "use_sliding_window": True,
                "no_rope_layers": [0, 1],
                "attention_bias": True,
                "mlp_bias": True,
            }
        },
        (*COMMON, BIASES, each("no_rope_layer_interval", 1, 2), ({}, {**WINDOW, "use_sliding_window": True})),
    ),
    FamilyCases(
        "gemma",
        {**LLAMA, "head_dim": 6},
        {"erf GELU in name, biases": {"num_hidden_layers": 1, "hidden_act": "gelu", "attention_bias": True}},
        (*COMMON, HEAD_SIZES, BIASES),
        norm_scale=0.0,
    ),
    FamilyCases(
        "gemma2",
        {**GEMMA2, "attn_logit_softcapping": 0.5, "final_logit_softcapping": 0.5},
        {"no bound, every block slides": {"attn_logit_softcapping": None, "layer_types": ["sliding_attention"] * 2}},
        (*COMMON, HEAD_SIZES, each("attn_logit_softcapping", None, 0.3, 50.0), each("sliding_window", 1, 4)),
        norm_scale=0.0,
        other_heads={
            LANGUAGE_MODEL.name: {"language model of logits without a bound": {"final_logit_softcapping": None}}
        },
    ),
    FamilyCases(
        "gemma3_text",
        {**GEMMA2, "sliding_window_pattern": 2},
        {
            "rotary positions of each kind, biases": {
                "head_dim": 4,
                "attention_bias": True,
                "layer_types": ["full_attention", "sliding_attention"],
                "rope_parameters": {
                    "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 700.0},
                    "sliding_attention": {"rope_type": "default", "rope_theta": 30.0},
                },
            },
            "older fields": {
                "rope_theta": 900.0,
                "rope_local_base_freq": 40.0,
                "rope_scaling": {"rope_type": "linear", "factor": 4.0},
            },
        },
        (*COMMON, HEAD_SIZES, BIASES, each("sliding_window", 1, 4), each("query_pre_attn_scalar", 4, 30)),
        norm_scale=0.0,
    ),
    FamilyCases(
        "phi3",
        LLAMA,
        {
            "longrope, window": {
                **WINDOW,
                "hidden_size": 16,
                "original_max_position_embeddings": 12,
                **rope("longrope", short_factor=[1.1, 1.7], long_factor=[2.0, 4.0]),
            },
            "part of the channels": {"num_hidden_layers": 1, "hidden_size": 16, "partial_rotary_factor": 0.5},
        },
        (*COMMON, each("sliding_window", None, 4), each("hidden_act", "silu", "gelu")),
    ),
)


def with_language_models(cases: FamilyCases) -> FamilyCases:
    """Return a decoder's cases with its language models, whose head is tied or has its own weight."""
    both = {"tied language model": {"tie_word_embeddings": True}, "language model": {"tie_word_embeddings": False}}
    return replace(cases, other_heads={LANGUAGE_MODEL.name: {**both, **cases.other_heads.get(LANGUAGE_MODEL.name, {})}})

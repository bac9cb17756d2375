"""Encoder-decoders."""

from typing import Any

from ftcore.conformance.families.base import FamilyCases, each
from ftcore.conformance.kinds.base import Fields
from ftcore.conformance.kinds.encoder_decoder import ENCODER_DECODER

T5: dict[str, Any] = {
    "vocab_size": 24,
    "d_model": 8,
    "d_kv": 6,
    "d_ff": 12,
    "num_layers": 2,
    "num_heads": 2,
    "relative_attention_num_buckets": 6,
    "relative_attention_max_distance": 5,
    "pad_token_id": 0,
    "decoder_start_token_id": 0,
}
V11: dict[str, Any] = {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}
UNSATURATED = 0.25
"""The scale of T5's weights: its attention is not scaled, and with a saturated softmax the error of transformers' norms
in float32 would exceed the bounds."""
BART: dict[str, Any] = {
    "vocab_size": 24,
    "d_model": 8,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_ffn_dim": 12,
    "decoder_ffn_dim": 10,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 4,
    "max_position_embeddings": 16,
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 2,
    "forced_eos_token_id": 2,
    "decoder_start_token_id": 2,
}
STARTS_WITH_PADDING: dict[str, Any] = {"decoder_start_token_id": 0, "pad_token_id": 0, "bos_token_id": 3}
SCALED: dict[str, Any] = {"scale_embedding": True}
UNEVEN: dict[str, Any] = {
    "encoder_layers": 1,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 1,
    "activation_function": "relu",
}
BERT: dict[str, Any] = {
    "model_type": "bert",
    "vocab_size": 24,
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 16,
    "type_vocab_size": 2,
    "pad_token_id": 0,
}
DECODER: dict[str, Any] = {
    **BERT,
    "vocab_size": 20,
    "num_attention_heads": 4,
    "is_decoder": True,
    "add_cross_attention": True,
}
ACTIVATIONS = ("gelu", "gelu_new", "relu", "silu", "tanh")
T5_OPTIONS: tuple[tuple[Fields, ...], ...] = (
    each("feed_forward_proj", "relu", "gated-gelu", "gated-silu", "gelu"),
    each("num_layers", 1, 2),
    each("num_decoder_layers", None, 1, 2),
    ({"d_kv": 4, "num_heads": 1}, {"d_kv": 3, "num_heads": 4}, {"d_model": 10, "d_kv": 5}),
    (
        {"relative_attention_num_buckets": 4},
        {"relative_attention_num_buckets": 8, "relative_attention_max_distance": 7},
    ),
    each("layer_norm_epsilon", 1e-6, 1e-2),
)
TIES = each("tie_word_embeddings", True, False)
BART_OPTIONS: tuple[tuple[Fields, ...], ...] = (
    each("activation_function", *ACTIVATIONS),
    each("scale_embedding", False, True),
    each("encoder_layers", 1, 2),
    each("decoder_layers", 1, 2),
    each("encoder_attention_heads", 1, 4),
    each("decoder_attention_heads", 1, 2),
    each("d_model", 8, 12),
    ({}, STARTS_WITH_PADDING),
)


def bert2bert(encoder: Fields, decoder: Fields) -> Fields:
    """Return the configs of both parts with other fields."""
    return {"encoder": {**BERT, **encoder}, "decoder": {**DECODER, **decoder}}


ENCODER_DECODERS = (
    FamilyCases(
        "t5",
        {**T5, "tie_word_embeddings": True},
        {
            "version 1.1, one block decodes": {**V11, "num_decoder_layers": 1},
            "wide buckets, epsilon 1e-3": {
                "num_layers": 1,
                "num_decoder_layers": 2,
                "num_heads": 4,
                "d_kv": 3,
                "feed_forward_proj": "gelu",
                "relative_attention_num_buckets": 32,
                "relative_attention_max_distance": 128,
                "layer_norm_epsilon": 1e-3,
                "decoder_start_token_id": 3,
            },
        },
        (*T5_OPTIONS, TIES),
        weight_scale=UNSATURATED,
        kind=ENCODER_DECODER,
    ),
    FamilyCases(
        "mt5",
        {**T5, **V11},
        {
            "gated silu, one block encodes": {
                "num_layers": 1,
                "num_decoder_layers": 2,
                "feed_forward_proj": "gated-silu",
            }
        },
        T5_OPTIONS,
        weight_scale=UNSATURATED,
        kind=ENCODER_DECODER,
    ),
    FamilyCases("bart", BART, {"uneven, scaled embeddings": {**UNEVEN, **SCALED}}, BART_OPTIONS, kind=ENCODER_DECODER),
    FamilyCases(
        "mbart",
        {**BART, **SCALED},
        {"uneven, unscaled embeddings": {**UNEVEN, "scale_embedding": False}},
        BART_OPTIONS,
        kind=ENCODER_DECODER,
    ),
    FamilyCases(
        "marian",
        {**BART, **SCALED, **STARTS_WITH_PADDING, "activation_function": "swish"},
        {
            "uneven, odd channels, padding last": {
                **UNEVEN,
                "d_model": 9,
                "encoder_attention_heads": 3,
                "pad_token_id": 23,
                "decoder_start_token_id": 23,
            }
        },
        BART_OPTIONS,
        kind=ENCODER_DECODER,
    ),
    FamilyCases(
        "pegasus",
        {**BART, **SCALED, **STARTS_WITH_PADDING, "activation_function": "relu"},
        {
            "uneven, unscaled embeddings, tanh GELU": {
                **UNEVEN,
                "scale_embedding": False,
                "activation_function": "gelu_new",
            }
        },
        BART_OPTIONS,
        kind=ENCODER_DECODER,
    ),
    FamilyCases(
        "encoder-decoder",
        {**bert2bert({}, {}), "pad_token_id": 0, "decoder_start_token_id": 1},
        {
            "unlike parts": bert2bert(
                {"num_hidden_layers": 1, "hidden_act": "relu", "layer_norm_eps": 1e-5, "pad_token_id": 3},
                {"hidden_act": "gelu_new", "layer_norm_eps": 1e-3, "intermediate_size": 7, "type_vocab_size": 1},
            ),
        },
        (
            tuple(
                bert2bert({"hidden_act": one, "num_hidden_layers": count}, {"hidden_act": other, **more})
                for one, count, other, more in (
                    ("gelu", 1, "relu", {"num_hidden_layers": 1}),
                    ("relu", 2, "silu", {"num_attention_heads": 1}),
                    ("tanh", 1, "gelu", {"layer_norm_eps": 1e-2, "pad_token_id": 5}),
                )
            ),
            each("decoder_start_token_id", 0, 7),
        ),
        kind=ENCODER_DECODER,
    ),
)

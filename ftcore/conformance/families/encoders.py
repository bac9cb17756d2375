"""Cases of encoders like BERT."""

from dataclasses import replace
from typing import Any

from ftcore.conformance.families.base import FamilyCases, each
from ftcore.conformance.kinds import LANGUAGE_MODEL, QUESTION_ANSWERING
from ftcore.conformance.kinds.base import Fields

BERT: dict[str, Any] = {
    "vocab_size": 24,
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 16,
    "type_vocab_size": 2,
    "pad_token_id": 0,
}
ROBERTA: dict[str, Any] = {**BERT, "type_vocab_size": 1, "pad_token_id": 1}
DISTILBERT: dict[str, Any] = {
    "vocab_size": 24,
    "dim": 8,
    "hidden_dim": 12,
    "n_layers": 2,
    "n_heads": 2,
    "max_position_embeddings": 16,
    "pad_token_id": 0,
}
ALBERT: dict[str, Any] = {**BERT, "embedding_size": 6}
MPNET: dict[str, Any] = {key: value for key, value in ROBERTA.items() if key != "type_vocab_size"}
DEBERTA_V3: dict[str, Any] = {
    **BERT,
    "type_vocab_size": 0,
    "relative_attention": True,
    "pos_att_type": ["p2c", "c2p"],
    "position_buckets": 6,
    "share_att_key": True,
    "norm_rel_ebd": "layer_norm",
    "position_biased_input": False,
}
NO_BUCKETS: dict[str, Any] = {"position_buckets": -1, "max_relative_positions": 4}
MODERNBERT: dict[str, Any] = {
    "vocab_size": 24,
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "max_position_embeddings": 16,
    "local_attention": 4,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "cls_token_id": 1,
    "sep_token_id": 2,
}
ACTIVATIONS = ("gelu", "gelu_new", "relu", "silu", "tanh")
SHAPES: tuple[Fields, ...] = (
    {"hidden_size": 8, "num_attention_heads": 1},
    {"hidden_size": 12, "num_attention_heads": 4},
    {"hidden_size": 10, "num_attention_heads": 2, "intermediate_size": 7},
)
OPTIONS: tuple[tuple[Fields, ...], ...] = (
    each("hidden_act", *ACTIVATIONS),
    each("layer_norm_eps", 1e-12, 1e-5, 1e-2),
    each("num_hidden_layers", 1, 2),
    each("type_vocab_size", 1, 2, 3),
    each("pad_token_id", 0, 1, 5),
    SHAPES,
)
ENCODERS = (
    FamilyCases(
        "bert",
        BERT,
        {
            "relu, epsilon 1e-5, one token type": {
                "num_hidden_layers": 1,
                "hidden_act": "relu",
                "layer_norm_eps": 1e-5,
                "type_vocab_size": 1,
            },
            "tanh GELU, one head, padding 3": {
                "num_hidden_layers": 1,
                "hidden_act": "gelu_new",
                "num_attention_heads": 1,
                "pad_token_id": 3,
            },
        },
        OPTIONS,
        other_heads={
            LANGUAGE_MODEL.name: {
                "masked language model": {},
                "masked language model of relu": {"num_hidden_layers": 1, "hidden_act": "relu"},
            }
        },
    ),
    FamilyCases(
        "roberta",
        ROBERTA,
        {
            "relu, epsilon 1e-5, two token types, padding 4": {
                "num_hidden_layers": 1,
                "hidden_act": "relu",
                "layer_norm_eps": 1e-5,
                "type_vocab_size": 2,
                "pad_token_id": 4,
            }
        },
        OPTIONS,
    ),
    FamilyCases(
        "xlm-roberta",
        ROBERTA,
        {"silu, epsilon 1e-5": {"num_hidden_layers": 1, "hidden_act": "silu", "layer_norm_eps": 1e-5}},
        OPTIONS,
    ),
    FamilyCases(
        "camembert",
        ROBERTA,
        {"tanh, epsilon 1e-3": {"num_hidden_layers": 1, "hidden_act": "tanh", "layer_norm_eps": 1e-3}},
        OPTIONS,
    ),
    FamilyCases(
        "distilbert",
        DISTILBERT,
        {"relu, one head, padding 2": {"n_layers": 1, "n_heads": 1, "activation": "relu", "pad_token_id": 2}},
        (
            each("activation", *ACTIVATIONS),
            each("n_layers", 1, 2),
            each("pad_token_id", 0, 1, 5),
            ({"dim": 8, "n_heads": 1}, {"dim": 12, "n_heads": 4}, {"dim": 10, "n_heads": 2, "hidden_dim": 7}),
        ),
    ),
    FamilyCases(
        "electra",
        {**BERT, "embedding_size": 6},
        {
            "embeddings as wide as the rest": {"num_hidden_layers": 1, "embedding_size": 8},
            "relu, epsilon 1e-5, padding 3": {
                "num_hidden_layers": 1,
                "hidden_act": "relu",
                "layer_norm_eps": 1e-5,
                "pad_token_id": 3,
            },
        },
        (*OPTIONS, each("embedding_size", 4, 8)),
    ),
    FamilyCases(
        "albert",
        ALBERT,
        {
            "two groups in three blocks, relu, padding 3": {
                "num_hidden_layers": 3,
                "num_hidden_groups": 2,
                "hidden_act": "relu",
                "layer_norm_eps": 1e-5,
                "pad_token_id": 3,
            }
        },
        (*OPTIONS, each("embedding_size", 4, 8)),
    ),
    FamilyCases(
        "mpnet",
        MPNET,
        {"silu, epsilon 1e-5": {"num_hidden_layers": 1, "hidden_act": "silu", "layer_norm_eps": 1e-5}},
        (
            each("hidden_act", *ACTIVATIONS),
            each("layer_norm_eps", 1e-12, 1e-5, 1e-2),
            each("num_hidden_layers", 1, 2),
            each("pad_token_id", 1, 0, 5),
            SHAPES,
        ),
    ),
    FamilyCases(
        "deberta-v2",
        DEBERTA_V3,
        {
            "maps of positions, no buckets, token types": {
                **NO_BUCKETS,
                "share_att_key": False,
                "norm_rel_ebd": "none",
                "type_vocab_size": 2,
                "position_biased_input": True,
                "pooler_hidden_act": "tanh",
            },
            "content to position, map of positions, narrow embeddings": {
                "num_hidden_layers": 1,
                "pos_att_type": "c2p",
                "share_att_key": False,
                "embedding_size": 6,
                "position_biased_input": True,
                "layer_norm_eps": 1e-5,
            },
            "position to content, convolution": {
                "num_hidden_layers": 1,
                "pos_att_type": "p2c",
                "max_relative_positions": 5,
                "conv_kernel_size": 3,
                "conv_act": "gelu",
                "hidden_act": "relu",
            },
            "content alone": {
                "num_hidden_layers": 1,
                "relative_attention": False,
                "norm_rel_ebd": "none",
                "position_biased_input": True,
                "pad_token_id": 3,
            },
        },
        (
            each("pos_att_type", ["p2c", "c2p"], ["c2p"], ["p2c"], "c2p|p2c"),
            (NO_BUCKETS, *each("position_buckets", -1, 4, 6), {"position_buckets": 4, "max_relative_positions": 5}),
            each("share_att_key", True, False),
            each("norm_rel_ebd", "none", "layer_norm"),
            each("position_biased_input", True, False),
            each("type_vocab_size", 0, 2),
            each("embedding_size", 8, 6),
            each("num_hidden_layers", 1, 2),
            each("num_attention_heads", 1, 2, 4),
            each("hidden_act", *ACTIVATIONS),
            each("pooler_hidden_act", *ACTIVATIONS),
            each("layer_norm_eps", 1e-7, 1e-2),
            each("pad_token_id", 0, 5),
            ({}, {"conv_kernel_size": 3}, {"conv_kernel_size": 5, "conv_act": "gelu"}),
        ),
    ),
    FamilyCases(
        "modernbert",
        MODERNBERT,
        {
            "biases, mean pooling, relu": {
                "attention_bias": True,
                "mlp_bias": True,
                "norm_bias": True,
                "norm_eps": 1e-3,
                "classifier_bias": True,
                "classifier_pooling": "mean",
                "classifier_activation": "relu",
                "hidden_activation": "silu",
                "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
            },
            "older fields": {
                "num_hidden_layers": 2,
                "global_attn_every_n_layers": 2,
                "global_rope_theta": 700.0,
                "local_rope_theta": 30.0,
            },
        },
        (
            each("hidden_activation", "gelu", "relu"),
            each("num_hidden_layers", 1, 3),
            each("local_attention", 2, 6, 100),
            each("attention_bias", False, True),
            each("mlp_bias", False, True),
            each("norm_bias", False, True),
            each("classifier_pooling", "cls", "mean"),
        ),
    ),
)


def with_question_answering(cases: FamilyCases) -> FamilyCases:
    """Return an encoder's cases with the network of question answering."""
    return replace(cases, other_heads={**cases.other_heads, QUESTION_ANSWERING.name: {"question answering": {}}})

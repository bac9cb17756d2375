"""Encoders of BERT's form."""

from typing import Any

from ftcore.conformance.families.base import FamilyCases, Fields, each

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
)

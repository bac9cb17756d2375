"""Tiny random checkpoints of every family but BERT, made by transformers, with a head of three labels.

Every variant of a family that changes the mathematics is here once.
"""

from pathlib import Path
from typing import Any

from tests import tiny

LABELS = ["down", "same", "up"]
SIZES = {
    "vocab_size": len(tiny.VOCABULARY),
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 34,
    "type_vocab_size": 1,
    "pad_token_id": 1,
}
DISTILBERT = {
    "vocab_size": len(tiny.VOCABULARY),
    "dim": 16,
    "hidden_dim": 32,
    "n_layers": 2,
    "n_heads": 2,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
}
ALBERT = {**SIZES, "embedding_size": 8, "type_vocab_size": 2, "pad_token_id": 0}
MPNET = {key: value for key, value in SIZES.items() if key != "type_vocab_size"}
MODERNBERT = {
    "vocab_size": len(tiny.VOCABULARY),
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "max_position_embeddings": 34,
    "local_attention": 4,
    "pad_token_id": 0,
    "cls_token_id": 2,
    "sep_token_id": 3,
    "bos_token_id": 2,
    "eos_token_id": 3,
}
DECODER = {
    "vocab_size": len(tiny.VOCABULARY),
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 3,
}
GPT2 = {
    "vocab_size": len(tiny.VOCABULARY),
    "n_embd": 16,
    "n_layer": 2,
    "n_head": 2,
    "n_positions": 32,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 3,
}
LLAMA3 = {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8, "beta_fast": 4.0}
LONGROPE = {"rope_type": "longrope", "short_factor": [1.1, 1.7], "long_factor": [2.0, 4.0]}
THETA = {"rope_theta": 500.0}
WINDOW = {"sliding_window": 3}
DECODERS: dict[str, tuple[str, dict[str, Any]]] = {
    "gpt2": ("gpt2", GPT2),
    "gpt2, inner size, relu, unscaled": (
        "gpt2",
        {**GPT2, "n_inner": 20, "activation_function": "relu", "scale_attn_weights": False},
    ),
    "llama": ("llama", DECODER),
    "llama, biases, head size, one key": (
        "llama",
        {**DECODER, "attention_bias": True, "mlp_bias": True, "head_dim": 6, "num_key_value_heads": 1},
    ),
    "llama, llama3": (
        "llama",
        {**DECODER, "rope_parameters": {**LLAMA3, **THETA, "original_max_position_embeddings": 8}},
    ),
    "llama, linear": ("llama", {**DECODER, "rope_parameters": {"rope_type": "linear", "factor": 3.0, **THETA}}),
    "llama, dynamic": ("llama", {**DECODER, "rope_parameters": {"rope_type": "dynamic", "factor": 3.0, **THETA}}),
    "llama, yarn": ("llama", {**DECODER, "head_dim": 8, "rope_parameters": {**YARN, **THETA}}),
    "llama, yarn with mscale": (
        "llama",
        {**DECODER, "head_dim": 8, "rope_parameters": {**YARN, **THETA, "mscale": 0.7, "mscale_all_dim": 0.9}},
    ),
    "mistral": ("mistral", {**DECODER, **WINDOW}),
    "mistral, no window": ("mistral", {**DECODER, "sliding_window": None}),
    "qwen2": ("qwen2", {**DECODER, "rms_norm_eps": 1e-3}),
    "qwen2, windows": ("qwen2", {**DECODER, **WINDOW, "use_sliding_window": True, "max_window_layers": 1}),
    "qwen3": ("qwen3", {**DECODER, "head_dim": 6, "hidden_act": "gelu"}),
    "qwen3, biases": ("qwen3", {**DECODER, "head_dim": 4, "attention_bias": True, "num_key_value_heads": 4}),
    "smollm3": ("smollm3", {**DECODER, "no_rope_layer_interval": 2}),
    "smollm3, windows": (
        "smollm3",
        {**DECODER, **WINDOW, "use_sliding_window": True, "no_rope_layers": [0, 1], "attention_bias": True},
    ),
    "gemma": ("gemma", {**DECODER, "head_dim": 6}),
    "gemma2": (
        "gemma2",
        {**DECODER, **WINDOW, "head_dim": 6, "query_pre_attn_scalar": 9, "attn_logit_softcapping": 0.5},
    ),
    "gemma2, no bound": ("gemma2", {**DECODER, **WINDOW, "head_dim": 4, "attn_logit_softcapping": None}),
    "gemma3_text": (
        "gemma3_text",
        {**DECODER, **WINDOW, "head_dim": 6, "query_pre_attn_scalar": 9, "sliding_window_pattern": 2},
    ),
    "gemma3_text, scaled": (
        "gemma3_text",
        {
            **DECODER,
            **WINDOW,
            "head_dim": 4,
            "layer_types": ["full_attention", "sliding_attention"],
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 700.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 30.0},
            },
        },
    ),
    "phi3": ("phi3", {**DECODER, "resid_pdrop": 0.1}),
    "phi3, longrope, window": (
        "phi3",
        {**DECODER, **WINDOW, "original_max_position_embeddings": 16, "rope_parameters": {**LONGROPE, **THETA}},
    ),
}
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "roberta": ("roberta", SIZES),
    "xlm-roberta": ("xlm-roberta", {**SIZES, "layer_norm_eps": 1e-5, "hidden_act": "relu"}),
    "camembert": ("camembert", {**SIZES, "classifier_dropout": 0.3}),
    "distilbert": ("distilbert", DISTILBERT),
    "electra": ("electra", {**SIZES, "embedding_size": 8, "type_vocab_size": 2, "pad_token_id": 0}),
    "electra, embeddings as wide as the rest": ("electra", {**SIZES, "embedding_size": 16, "pad_token_id": 0}),
    "albert": ("albert", ALBERT),
    "albert, two groups": ("albert", {**ALBERT, "num_hidden_layers": 3, "num_hidden_groups": 2, "hidden_act": "relu"}),
    "mpnet": ("mpnet", MPNET),
    "modernbert": ("modernbert", MODERNBERT),
    "modernbert, biases, mean": (
        "modernbert",
        {
            **MODERNBERT,
            "attention_bias": True,
            "mlp_bias": True,
            "norm_bias": True,
            "classifier_bias": True,
            "classifier_pooling": "mean",
            "classifier_activation": "relu",
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        },
    ),
    **DECODERS,
}
"""A name for tests to the model_type, and the fields of its config; "FAMILY, VARIANT" where it is no family's first."""
FAMILIES = [name for name in CONFIGS if "," not in name]
"""The first of each family."""
FLOAT32_INSIDE = {"modernbert"} | {kind for kind, _ in DECODERS.values()} - {"gpt2"}
"""Those of which transformers computes norms and angles in float32, whatever the type of the model."""
UNTYPED = {"roberta", "xlm-roberta", "camembert"}
"""Those that take no second token type."""
NO_TYPES = {"distilbert", "mpnet", "modernbert"} | {kind for kind, _ in DECODERS.values()}
"""Those that take no token types."""
LONGEST = {
    **dict.fromkeys(UNTYPED | NO_TYPES, 32),
    "electra": 34,
    "albert": 34,
    "modernbert": 34,
    "phi3, longrope, window": 16,
}
"""The most tokens of a text, by family or name."""
PREFIXES = {
    "roberta": "Roberta",
    "xlm-roberta": "XLMRoberta",
    "camembert": "Camembert",
    "distilbert": "DistilBert",
    "electra": "Electra",
    "albert": "Albert",
    "mpnet": "MPNet",
    "modernbert": "ModernBert",
    "gpt2": "GPT2",
    "llama": "Llama",
    "mistral": "Mistral",
    "qwen2": "Qwen2",
    "qwen3": "Qwen3",
    "smollm3": "SmolLM3",
    "gemma": "Gemma",
    "gemma2": "Gemma2",
    "gemma3_text": "Gemma3Text",
    "phi3": "Phi3",
}


def model_class(name: str, task: str) -> Any:
    """Return transformers' class of a family for a task: "ForSequenceClassification"."""
    import transformers

    return getattr(transformers, PREFIXES[CONFIGS[name][0]] + task)


def build(name: str, task: str = "ForSequenceClassification") -> Any:
    """Return a random model, in evaluation, none of whose parameters has a value of its initialization."""
    import torch
    import transformers

    kind, fields = CONFIGS[name]
    labels = {"id2label": dict(enumerate(LABELS)), "label2id": {label: i for i, label in enumerate(LABELS)}}
    config = transformers.AutoConfig.for_model(kind, **fields, **labels)
    torch.manual_seed(0)
    model = model_class(name, task)(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


def write(name: str, folder: Path, task: str = "ForSequenceClassification") -> Path:
    """Write a random model and a tokenizer into a folder."""
    build(name, task).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder

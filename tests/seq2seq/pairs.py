"""Tiny random encoder-decoders, made by transformers, and batches of a text and what is made of it."""

from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import Batch
from ftcore.contract.seeds import generator
from tests import tiny

VOCABULARY = len(tiny.VOCABULARY)
SOURCES, TARGETS = (7, 4, 2, 6), (3, 5, 4, 1)
"""Lengths of the texts of each example."""
T5 = {
    "vocab_size": VOCABULARY,
    "d_model": 16,
    "d_kv": 6,
    "d_ff": 24,
    "num_layers": 2,
    "num_heads": 2,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 12,
    "decoder_start_token_id": 0,
}
V11 = {**T5, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}
BART = {
    "vocab_size": VOCABULARY,
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 20,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 4,
    "max_position_embeddings": 32,
    "pad_token_id": 1,
    "bos_token_id": 2,
    "eos_token_id": 3,
    "forced_eos_token_id": 3,
    "decoder_start_token_id": 2,
    "attention_dropout": 0.1,
    "activation_dropout": 0.1,
}
BERT = {
    "model_type": "bert",
    "vocab_size": VOCABULARY,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
}
DECODER = {**BERT, "num_attention_heads": 4, "hidden_act": "relu", "is_decoder": True, "add_cross_attention": True}
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "t5": ("t5", T5),
    "t5, 1.1": ("t5", V11),
    "mt5": ("mt5", V11),
    "bart": ("bart", BART),
    "mbart": ("mbart", {**BART, "scale_embedding": True}),
    "marian": ("marian", {**BART, "scale_embedding": True, "activation_function": "swish"}),
    "pegasus": ("pegasus", {**BART, "pad_token_id": 0, "scale_embedding": True, "d_model": 20}),
    "bert2bert": ("encoder-decoder", {"encoder": BERT, "decoder": DECODER, "pad_token_id": 0}),
}
"""A name for tests to the model_type and the fields of its config."""
FAMILIES = [name for name in CONFIGS if "," not in name]
FLOAT32_INSIDE = {"t5", "mt5"}
"""Those of which transformers computes norms in float32, whatever the type of the model."""


def build(name: str) -> Any:
    """Return a random model, in evaluation, none of whose trained parameters has a value of its initialization."""
    import torch
    import transformers

    kind, fields = CONFIGS[name]
    torch.manual_seed(0)
    model = transformers.AutoModelForSeq2SeqLM.from_config(transformers.AutoConfig.for_model(kind, **fields))
    return perturbed(model)


def perturbed(model: Any) -> Any:
    """Return a model with every trained parameter and buffer of its checkpoint moved, in evaluation."""
    import torch

    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.1)
        if hasattr(model, "final_logits_bias"):
            model.final_logits_bias.add_(torch.randn_like(model.final_logits_bias) * 0.1)
    return model.eval()


def write(name: str, folder: Path) -> Path:
    """Write a random model and a tokenizer into a folder."""
    build(name).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder


def batch() -> Batch:
    """Return four pairs of texts; what is made of one begins with token 2, and its labels are its own next tokens."""
    draws, rows = generator(0, "encoder-decoders"), len(SOURCES)
    source, mask = (np.zeros((rows, max(SOURCES)), dtype=np.int32) for _ in range(2))
    target, target_mask, labels = (np.zeros((rows, max(TARGETS)), dtype=np.int32) for _ in range(3))
    for row, (length, target_length) in enumerate(zip(SOURCES, TARGETS, strict=True)):
        source[row, :length] = draws.integers(2, VOCABULARY, size=length)
        mask[row, :length] = 1
        labels[row, :target_length] = draws.integers(2, VOCABULARY, size=target_length)
        target[row, :target_length] = [2, *labels[row, : target_length - 1]]
        target_mask[row, :target_length] = 1
    weights = target_mask.astype(np.float32)
    # One label counts less than the others.
    weights[1, 2] = 0.25
    return Batch(
        inputs={
            "input_ids": source,
            "attention_mask": mask,
            "decoder_input_ids": target,
            "decoder_attention_mask": target_mask,
        },
        targets={"labels": labels},
        weights=weights,
        example_ids=np.arange(rows, dtype=np.int64),
        tokens=int(mask.sum() + target_mask.sum()),
    )

"""Tiny random language models of decoders, made by transformers, and batches of next tokens."""

from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import Batch
from ftcore.contract.seeds import generator
from tests import tiny

VOCABULARY = len(tiny.VOCABULARY)
LENGTHS = (7, 4, 2, 6)
SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 3,
    "attention_dropout": 0.2,
}
GPT2 = {
    "vocab_size": VOCABULARY,
    "n_embd": 16,
    "n_layer": 2,
    "n_head": 2,
    "n_positions": 32,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "eos_token_id": 3,
}
GEMMA2 = {**SIZES, "head_dim": 6, "query_pre_attn_scalar": 9, "sliding_window": 3}
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "gpt2": ("gpt2", GPT2),
    "gpt2, untied": ("gpt2", {**GPT2, "tie_word_embeddings": False}),
    "llama": ("llama", SIZES),
    "llama, tied": ("llama", {**SIZES, "tie_word_embeddings": True}),
    "gemma2": ("gemma2", {**GEMMA2, "final_logit_softcapping": 0.5}),
}
"""A name for tests to the model_type and the fields of its config."""


def build(name: str) -> Any:
    """Return a random model, in evaluation, none of whose parameters has a value of its initialization."""
    import torch
    import transformers

    kind, fields = CONFIGS[name]
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(transformers.AutoConfig.for_model(kind, **fields))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


def write(name: str, folder: Path) -> Path:
    """Write a random model and a tokenizer into a folder."""
    build(name).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder


def batch() -> Batch:
    """Return four texts, each position labelled with the next token and the last of a text with none."""
    draws, rows, length = generator(0, "language models"), len(LENGTHS), max(LENGTHS)
    ids, mask, labels = (np.zeros((rows, length), dtype=np.int32) for _ in range(3))
    weights = np.zeros((rows, length), dtype=np.float32)
    for row, tokens in enumerate(LENGTHS):
        ids[row, :tokens] = draws.integers(1, VOCABULARY, size=tokens)
        mask[row, :tokens] = 1
        labels[row, : tokens - 1] = ids[row, 1:tokens]
        weights[row, : tokens - 1] = 1
    # One label counts less than the others.
    weights[0, 1] = 0.25
    return Batch(
        inputs={"input_ids": ids, "attention_mask": mask},
        targets={"labels": labels},
        weights=weights,
        example_ids=np.arange(rows, dtype=np.int64),
        tokens=int(mask.sum()),
    )


def packed(padded: Batch) -> Batch:
    """Return the batch in two rows, of the texts 1 and 0, and 3 and 2; labels and weights lie as the tokens do."""
    width, starts = 11, np.zeros(len(LENGTHS), dtype=np.int32)
    names = ("input_ids", "position_ids", "labels")
    arrays = {name: np.zeros((2, width), dtype=np.int32) for name in names}
    weights, segments = np.zeros((2, width), np.float32), np.full((2, width), len(LENGTHS), dtype=np.int32)
    for row, texts in enumerate(((1, 0), (3, 2))):
        place = 0
        for text in texts:
            length = LENGTHS[text]
            slots = slice(place, place + length)
            arrays["input_ids"][row, slots] = padded.inputs["input_ids"][text, :length]
            arrays["position_ids"][row, slots] = np.arange(length)
            arrays["labels"][row, slots] = padded.targets["labels"][text, :length]
            weights[row, slots], segments[row, slots] = padded.weights[text, :length], text
            starts[text], place = row * width + place, place + length
    inputs = {
        "input_ids": arrays["input_ids"],
        "position_ids": arrays["position_ids"],
        "segment_ids": segments,
        "starts": starts,
        "lengths": np.array(LENGTHS, dtype=np.int32),
        "sequences": np.array([[1, 0], [3, 2]], dtype=np.int32),
    }
    return Batch(inputs, {"labels": arrays["labels"]}, weights, padded.example_ids, padded.tokens)

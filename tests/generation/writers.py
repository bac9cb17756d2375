"""Tiny random language models, made by transformers, and what its `generate` writes with them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

from ftcore.contract import Learner, Program
from ftcore.contract import discovery as backends
from ftcore.contract.network import Network
from ftcore.contract.seeds import generator
from ftcore.generation import GenerationTokens, generation_tokens
from ftcore.models import plan_language_model
from tests import tiny

VOCABULARY = 40
LENGTHS = (7, 4, 2, 6)
SPECIAL = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
LLAMA = {
    "vocab_size": VOCABULARY,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    **SPECIAL,
}
GPT2 = {"vocab_size": VOCABULARY, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 64, **SPECIAL}
WINDOWS = {"sliding_window": 3, "use_sliding_window": True, "max_window_layers": 1, "head_dim": 6}
GEMMA2 = {**LLAMA, "head_dim": 6, "query_pre_attn_scalar": 9, "sliding_window": 3, "final_logit_softcapping": 5.0}
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
    "pad_token_id": 0,
    "eos_token_id": 3,
}
BART = {
    "vocab_size": VOCABULARY,
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 20,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 4,
    "max_position_embeddings": 64,
    "pad_token_id": 1,
    "bos_token_id": 2,
    "eos_token_id": 3,
    "decoder_start_token_id": 3,
}
BERT = {
    "model_type": "bert",
    "vocab_size": VOCABULARY,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
DECODER = {**BERT, "num_attention_heads": 4, "is_decoder": True, "add_cross_attention": True}
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", LLAMA),
    "gpt2": ("gpt2", GPT2),
    "qwen3": ("qwen3", {**LLAMA, **WINDOWS}),
    "gemma2": ("gemma2", GEMMA2),
    "t5": ("t5", T5),
    "bart": ("bart", BART),
    "marian": ("marian", {**BART, "pad_token_id": 0, "decoder_start_token_id": 0, "scale_embedding": True}),
    "bert2bert": (
        "encoder-decoder",
        {"encoder": BERT, "decoder": DECODER, "pad_token_id": 0, "decoder_start_token_id": 2, "eos_token_id": 3},
    ),
}
"""A name for tests to the model_type and the fields of its config."""
STOPS = {"eos_token_id": [3, 14, 16, 33]}
GENERATION_CONFIG: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("gpt2", "qwen3", "gemma2", "t5"), STOPS),
    "llama": {"suppress_tokens": [5], "begin_suppress_tokens": [6, 9], "eos_token_id": 14},
    "bart": {"forced_bos_token_id": 2, "forced_eos_token_id": 3, "eos_token_id": [3, 14]},
    "marian": {"bad_words_ids": [[0], [19, 13]], "forced_eos_token_id": 3, "eos_token_id": [3, 7, 30]},
    "bert2bert": {"eos_token_id": [3, 17, 38]},
}
"""What the generation_config.json of each says beside; several tokens that stop, so that texts do end."""
DECODERS = ("llama", "gpt2", "qwen3", "gemma2")
OF_TEXTS = ("t5", "bart", "marian", "bert2bert")


def write(name: str, folder: Path) -> Path:
    """Write a random model into a folder, whose next tokens are not all alike, and some of them its stop token."""
    kind, fields = CONFIGS[name]
    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(kind, **fields)
    automatic = transformers.AutoModelForCausalLM if name in DECODERS else transformers.AutoModelForSeq2SeqLM
    model = automatic.from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.4)
        # A table of tokens that the head reads too would repeat a token for ever.
        table = model.get_output_embeddings().weight
        table.mul_(0.5)
    for field, value in GENERATION_CONFIG.get(name, {}).items():
        setattr(model.generation_config, field, value)
    model.save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder


def batch() -> dict[str, np.ndarray]:
    """Return texts of different lengths, padded on the right."""
    draws, width = generator(1, "generation"), max(LENGTHS)
    ids, mask = (np.zeros((len(LENGTHS), width), dtype=np.int32) for _ in range(2))
    for row, length in enumerate(LENGTHS):
        ids[row, :length] = draws.integers(4, VOCABULARY, size=length)
        mask[row, :length] = 1
    return {"input_ids": ids, "attention_mask": mask}


def left(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the same padded on the left."""
    shifts = inputs["attention_mask"].shape[1] - inputs["attention_mask"].sum(axis=1)
    return {
        name: np.stack([np.roll(row, shift) for row, shift in zip(array, shifts, strict=True)])
        for name, array in inputs.items()
    }


class Writer:
    """A model folder on every backend, and in transformers."""

    def __init__(self, name: str, folder: Path, precision: str = "float64") -> None:
        self.name, self.folder, self.precision = name, write(name, folder), precision
        self.plan = plan_language_model(folder, 0.0)
        self.tokens: GenerationTokens = generation_tokens(folder, self.plan.generation)

    @property
    def network(self) -> Network:
        return self.plan.network

    @cache  # noqa: B019
    def learner(self, backend: str) -> Learner:
        learner = backends.load(backend).build(Program(self.network, precision=self.precision), "cpu")
        learner.load_tensors({key: value.astype(self.precision) for key, value in self.plan.tensors.items()})
        return learner

    @cache  # noqa: B019
    def reference(self) -> Any:
        kind = transformers.AutoModelForCausalLM if self.name in DECODERS else transformers.AutoModelForSeq2SeqLM
        return kind.from_pretrained(self.folder, dtype=getattr(torch, self.precision)).eval()

    def expected(self, inputs: Mapping[str, np.ndarray], **options: Any) -> list[list[int]]:
        """Return the new tokens that transformers writes, up to the stop token."""
        given = left(inputs) if self.name in DECODERS else inputs
        tensors = {name: torch.from_numpy(array).long() for name, array in given.items()}
        found = self.reference().generate(**tensors, do_sample=False, **options)
        begun = inputs["input_ids"] if self.name in DECODERS else inputs.get("decoder_input_ids", np.zeros((1, 1)))
        return [ended(row, self.tokens.stop) for row in found[:, begun.shape[1] :].tolist()]


def ended(row: list[int], stop: tuple[int, ...]) -> list[int]:
    """Return a row up to its first stop token."""
    ends = [place for place, token in enumerate(row) if token in stop]
    return row[: ends[0] + 1] if ends else row

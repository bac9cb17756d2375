"""Tiny random language models with tokenizers that name their tokens, and rows of texts to train them on."""

import json
from pathlib import Path
from typing import Any

from ftcore.text.tokenizer import Tokenizer
from tests import tiny

VOCABULARY = len(tiny.VOCABULARY)
TOKENS = {
    "pad_token": "[PAD]",
    "bos_token": "[CLS]",
    "eos_token": "[SEP]",
    "mask_token": "[MASK]",
    "unk_token": "[UNK]",
}
SIZES = {"vocab_size": VOCABULARY, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2}
LLAMA = {**SIZES, "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 32}
BERT = {**SIZES, "num_attention_heads": 4, "max_position_embeddings": 32, "pad_token_id": 0}
T5 = {
    "vocab_size": VOCABULARY,
    "d_model": 16,
    "d_kv": 4,
    "d_ff": 24,
    "num_layers": 2,
    "num_heads": 4,
    "pad_token_id": 0,
    "decoder_start_token_id": 0,
    "eos_token_id": 3,
}
MODELS = {
    "causal": ("AutoModelForCausalLM", "llama", LLAMA),
    "masked": ("AutoModelForMaskedLM", "bert", BERT),
    "encoder-decoder": ("AutoModelForSeq2SeqLM", "t5", T5),
}


def write_model(kind: str, folder: Path, **fields: Any) -> Path:
    """Write a random model of a kind, and its tokenizer."""
    import torch
    import transformers

    loader, family, config = MODELS[kind]
    torch.manual_seed(0)
    described = transformers.AutoConfig.for_model(family, **{**config, **fields})
    getattr(transformers, loader).from_config(described).save_pretrained(folder)
    write_tokenizer(folder)
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", **TOKENS, "chat_template": TEMPLATE})
    )
    return folder


TEMPLATE = (
    "{% for message in messages %}{% if message.role == 'user' %}[CLS] {{ message.content }}"
    "{% else %} house {{ message.content }} [SEP] {% endif %}{% endfor %}"
    "{% if add_generation_prompt %} house {% endif %}"
)
"""Words stand for what begins an answer: the tiny tokenizer has few tokens."""


def write_tokenizer(folder: Path) -> None:
    """Write a tokenizer that finds its special tokens in texts, as those of chats do."""
    import tokenizers

    tiny.write_tokenizer(folder)
    stored = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    stored.add_special_tokens(list(TOKENS.values()))
    stored.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(TOKENS))


def rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Return rows with every column that a task of language models reads; a completion is the prompt's first words."""
    found = []
    for number in range(start, start + count):
        prompt = tiny.text(number)
        completion = " ".join(prompt.split()[:2])
        messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": completion}]
        texts = {"text": prompt, "prompt": prompt, "completion": completion, "messages": messages}
        found.append({**texts, "source": prompt, "target": completion, "references": [completion, prompt]})
    return found


def write_rows(path: Path, columns: tuple[str, ...], count: int, start: int = 0) -> Path:
    """Write some columns of rows."""
    lines = [json.dumps({name: row[name] for name in columns}) for row in rows(count, start)]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_task(
    task: str, kind: str, columns: tuple[str, ...], folder: Path, data: dict[str, Any] | None = None
) -> Path:
    """Write model, rows and a spec into a folder; `data` are fields of that part."""
    import yaml

    write_model(kind, folder / "model")
    write_rows(folder / "train.jsonl", columns, 40)
    write_rows(folder / "validation.jsonl", columns, 6, start=100)
    spec = {
        "task": task,
        "model": {"pretrained": "model", "dropout": 0.0},
        "data": {"train": "train.jsonl", "validation": "validation.jsonl", "max_length": 16, **(data or {})},
        "optimizer": {"learning_rate": 1e-2},
        "training": {"max_steps": 10, "batch_size": 8, "evaluate_every": 5},
    }
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump(spec))
    return path


def tokenizer(folder: Path, max_length: int = 16) -> Tokenizer:
    """Return a tiny tokenizer."""
    write_tokenizer(folder)
    return Tokenizer.load(folder, max_length)

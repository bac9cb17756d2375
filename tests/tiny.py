"""A tiny task that a test can train in a second: a random BERT folder with a word tokenizer, and rows."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

WORDS = [
    *("red", "green", "blue", "big", "small", "old", "new", "dog", "cat", "bird"),
    *("tree", "house", "river", "stone", "light", "dark", "warm", "cold"),
]
LETTERS = "abcdefghijklmnopqr"
"""As many as there are words."""
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]


def write_model(folder: Path, dtype: str = "float32", **config: Any) -> Path:
    """Write a random BERT with 2 blocks of 16 channels, by transformers, and its tokenizer."""
    import torch
    from transformers import BertConfig, BertModel

    fields = {
        "vocab_size": len(VOCABULARY),
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 32,
    }
    torch.manual_seed(0)
    model = BertModel(BertConfig(**{**fields, **config})).to(getattr(torch, dtype))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return folder


def write_tokenizer(folder: Path, vocabulary: Sequence[str] = VOCABULARY) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    ids = {word: number for number, word in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    if _is_read_by_letters(folder):
        ids = {word: number for number, word in enumerate([*vocabulary[: -len(WORDS)], *LETTERS])}
        tokenizer = Tokenizer(models.BPE(ids, [], unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, ids[token]) for token in ("[CLS]", "[SEP]")],
    )
    # As AutoTokenizer does with the tokens that tokenizer_config.json names.
    tokenizer.add_special_tokens(["[PAD]", "[UNK]"])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]", "unk_token": "[UNK]"})
    )


def _is_read_by_letters(folder: Path) -> bool:
    """Return whether transformers makes the tokenizer of a model its own way, whatever the files say."""
    config = folder / "config.json"
    return config.is_file() and json.loads(config.read_text())["model_type"] == "qwen2"


def text(number: int) -> str:
    """Return a text of 2 to 9 words, another one for each number."""
    return " ".join(WORDS[(number * 7 + place * (number % 5 + 1)) % len(WORDS)] for place in range(2 + number % 8))


def write_rows(path: Path, count: int, start: int = 0) -> Path:
    """Write rows whose label is their first word's kind."""
    rows = []
    for number in range(start, start + count):
        first = text(number).split()[0]
        label = "colour" if first in WORDS[:3] else "size" if first in WORDS[3:7] else "thing"
        rows.append({"text": text(number), "label": label})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_task(folder: Path, **changes: Any) -> Path:
    """Write model, data and a spec into a folder; "a__b" changes field a.b of the spec."""
    write_model(folder / "model")
    write_rows(folder / "train.jsonl", 40)
    write_rows(folder / "validation.jsonl", 12, start=100)
    write_rows(folder / "test.jsonl", 12, start=200)
    spec: dict[str, Any] = {
        "task": "text-classification",
        "model": {"pretrained": "model", "dropout": 0.0},
        "data": {"train": "train.jsonl", "validation": "validation.jsonl", "test": "test.jsonl", "max_length": 16},
        "optimizer": {"name": "adamw", "learning_rate": 1e-2},
        "training": {"epochs": 3, "batch_size": 8, "seed": 3},
    }
    return write_spec(folder, spec, changes)


def write_spec(folder: Path, spec: dict[str, Any], changes: Mapping[str, Any]) -> Path:
    """Write a spec into a folder; "a__b" of `changes` is its field a.b."""
    for name, value in changes.items():
        part = spec
        *outer, last = name.split("__")
        for key in outer:
            part = part.setdefault(key, {})
        part[last] = value
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump(spec))
    return path

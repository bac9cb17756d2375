"""A tiny task of words: a random BERT whose tokenizer makes several tokens of a word, and sentences with spans."""

import json
from pathlib import Path
from typing import Any

import yaml

from ftcore.text.tokenizer import Tokenizer
from tests import tiny

WORDS = ["red", "big", "dog", "cat", "bird", "tree", "run", "eat", "the", "in", "."]
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, "##s", "##ing", "##er", "##y", "-", "old", "new"]
TAGS = {"dog": "ANIMAL", "cat": "ANIMAL", "bird": "ANIMAL", "tree": "PLANT"}


def write_tokenizer(folder: Path) -> Path:
    """Write a tokenizer of word pieces, without a token for the control character U+0007."""
    from tokenizers import Tokenizer as Whole
    from tokenizers import models, normalizers, pre_tokenizers, processors

    ids = {piece: number for number, piece in enumerate(VOCABULARY)}
    assert len(ids) == len(tiny.VOCABULARY)
    tokenizer = Whole(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]", "unk_token": "[UNK]"})
    )
    return folder


def write_byte_tokenizer(folder: Path) -> Path:
    """Write a tokenizer of bytes, which tells words apart by the space before them."""
    from tokenizers import Tokenizer as Whole
    from tokenizers import models, pre_tokenizers, processors, trainers

    tokenizer = Whole(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
    tokenizer.train_from_iterator(["the big dogs don't run in the red trees"] * 9, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def tokenizer(folder: Path, max_length: int = 16) -> Tokenizer:
    """Return the tokenizer of word pieces."""
    return Tokenizer.load(write_tokenizer(folder), max_length)


def sentence(number: int) -> dict[str, list[str]]:
    """Return a sentence of 2 to 8 words, another one for each number, with spans of one word or two."""
    stems = [WORDS[(number * 5 + place * (number % 3 + 1)) % len(WORDS)] for place in range(2 + number % 7)]
    ends = ["", "s", "ing", "er"]
    tokens, tags = [], []
    for place, stem in enumerate(stems):
        tokens.append(stem + (ends[(number + place) % 4] if stem != "." else ""))
        kind = TAGS.get(stem)
        goes_on = tags and kind is not None and tags[-1][2:] == kind
        tags.append("O" if kind is None else f"{'I' if goes_on else 'B'}-{kind}")
    return {"tokens": tokens, "tags": tags}


def write_rows(path: Path, count: int, start: int = 0) -> Path:
    """Write sentences as JSON lines."""
    path.write_text("".join(json.dumps(sentence(number)) + "\n" for number in range(start, start + count)))
    return path


def write_task(folder: Path, **changes: Any) -> Path:
    """Write model, data and a spec into a folder; "a__b" changes field a.b of the spec."""
    tiny.write_model(folder / "model")
    write_tokenizer(folder / "model")
    write_rows(folder / "train.jsonl", 40)
    write_rows(folder / "validation.jsonl", 12, start=100)
    write_rows(folder / "test.jsonl", 12, start=200)
    spec: dict[str, Any] = {
        "task": "token-classification",
        "model": {"pretrained": "model", "dropout": 0.0},
        "data": {"train": "train.jsonl", "validation": "validation.jsonl", "test": "test.jsonl", "max_length": 24},
        "optimizer": {"name": "adamw", "learning_rate": 1e-2},
        "training": {"epochs": 3, "batch_size": 8, "seed": 3},
    }
    for name, value in changes.items():
        part = spec
        *outer, last = name.split("__")
        for key in outer:
            part = part.setdefault(key, {})
        part[last] = value
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump(spec))
    return path

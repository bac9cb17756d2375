"""The cases of stored/: a tiny run of every task, by a spec that leaves most fields at their defaults, and others."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests import tiny
from tests.earlier.written import Case, of_arrays, of_rows, spec
from tests.embedding import texts
from tests.images import pictures
from tests.language_tasks import stories
from tests.numbers import curves
from tests.semantic_roles import roles
from tests.tensors import arrays
from tests.token_classification import sentences

VOCABULARY = len(tiny.VOCABULARY)
BLOCK = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
TOKENS = {"vocab_size": VOCABULARY, "max_position_embeddings": 32, "pad_token_id": 0}
BERT = {"model_type": "bert", **TOKENS, **BLOCK}
LLAMA = {"model_type": "llama", **TOKENS, **BLOCK, "bos_token_id": 2, "eos_token_id": 3}
T5 = {"d_model": 8, "d_kv": 4, "d_ff": 8, "num_layers": 1, "num_heads": 2, "relative_attention_num_buckets": 8}
T5 |= {"model_type": "t5", "vocab_size": VOCABULARY, "decoder_start_token_id": 0, "pad_token_id": 0, "eos_token_id": 3}
LSTM = {"model_type": "lstm", "vocab_size": VOCABULARY, "embedding_size": 4, "hidden_size": 4, "pad_token_id": 0}
CNN = {"model_type": "text-cnn", "vocab_size": VOCABULARY, "embedding_size": 4, "num_filters": 2}
IMAGES = {"model_type": "image-cnn", "image_size": [8, 8], "num_channels": 1, "block_channels": [2, 2]}
GRU = {"model_type": "gru", "input_size": 3, "hidden_size": 4, "classifier_dropout": 0.1}
LINEAR = {"model_type": "linear", "input_size": arrays.SIZE}


def labelled(number: int) -> dict[str, Any]:
    """Return a text with a label, labels and a number."""
    words = tiny.text(number).split()
    kinds = [
        kind for kind, words_of in (("colour", tiny.WORDS[:3]), ("size", tiny.WORDS[3:7])) if {*words} & {*words_of}
    ]
    return {"text": " ".join(words), "label": kinds[0] if kinds else "thing", "labels": kinds, "stars": len(words) / 2}


def story(*columns: str) -> Callable[[int], dict[str, Any]]:
    """Return what gives these columns of a row of the tasks of language models."""
    return lambda number: {name: stories.rows(1, number)[0][name] for name in columns}


def write_readings(path: Path, count: int, start: int) -> None:
    """Write arrays with two numbers to be learned of each."""
    features = arrays.inputs("features", count, start)
    np.savez(path, features=features, labels=arrays.numbers(features))


def with_weights(folder: Path) -> None:
    """Write texts and a checkpoint of a BERT."""
    of_rows(labelled, BERT)(folder)
    tiny.write_model(folder / "network", **BLOCK)


def with_modules(folder: Path) -> None:
    """Write texts, a tokenizer and a module for each backend."""
    of_rows(labelled, {})(folder)
    (folder / "network" / "config.json").unlink()
    for path in (Path(__file__).parent / "nets").glob("net_*.py"):
        shutil.copyfile(path, folder / path.name)


TEXTS, PAIR = {"max_length": 16}, {"columns": {"text_a": "text_a", "text_b": "text_b"}, "max_length": 16}
SGD = {"optimizer": {"name": "sgd", "learning_rate": 0.1}}
WRITES = {"max_new_tokens": 5}
TWO_BERTS = {part: {"from_scratch": "network"} for part in ("encoder", "decoder")}
LABELLED: dict[str, Case] = {
    "text-classification": Case(spec("text-classification", data=TEXTS), of_rows(labelled, BERT)),
    "multi-label-classification": Case(spec("multi-label-classification", data=TEXTS), of_rows(labelled, CNN)),
    "text-regression": Case(
        spec("text-regression", data={**TEXTS, "columns": {"label": "stars"}}), of_rows(labelled, LSTM)
    ),
    "token-classification": Case(
        spec("token-classification", data={"max_length": 12, "overlap": 2}),
        of_rows(sentences.sentence, BERT, sentences.write_tokenizer),
    ),
    "semantic-role-labeling": Case(
        spec("semantic-role-labeling", data={"max_length": 24}, **SGD),
        of_rows(roles.row, BERT, sentences.write_tokenizer),
    ),
    "sentence-embedding": Case(spec("sentence-embedding", data=PAIR), of_rows(texts.pair, BERT)),
    "image-classification": Case(
        spec("image-classification", ending="npz"), of_arrays(pictures.write_arrays, IMAGES, "npz"), ending="npz"
    ),
    "sequence-classification": Case(
        spec("sequence-classification", data={"standardize": True}), of_arrays(curves.write_lines, GRU, "jsonl")
    ),
    "tensors": Case(
        spec("tensors", ending="npz", loss="huber"), of_arrays(write_readings, LINEAR, "npz"), ending="npz"
    ),
}
LANGUAGE: dict[str, Case] = {
    "summarization": Case(
        spec("summarization", data={**TEXTS, "target_max_length": 8}, generation=WRITES),
        of_rows(story("source", "target"), T5, stories.write_tokenizer),
    ),
    "translation": Case(
        spec("translation", TWO_BERTS, data=TEXTS, generation={**WRITES, "method": "beam", "beams": 2}, **SGD),
        of_rows(story("source", "target", "references"), BERT, stories.write_tokenizer),
    ),
    "causal-language-modeling": Case(
        spec("causal-language-modeling", data=TEXTS, generation=WRITES),
        of_rows(story("text"), LLAMA, stories.write_tokenizer),
    ),
    "instruction-tuning": Case(
        spec(
            "instruction-tuning",
            data={"max_length": 24, "separator": " house ", "answer_pattern": r"(\w+)$"},
            generation=WRITES,
            **SGD,
        ),
        of_rows(story("prompt", "completion"), LLAMA, stories.write_tokenizer),
    ),
    "masked-language-modeling": Case(
        spec("masked-language-modeling", data=TEXTS, **SGD),
        of_rows(story("text"), BERT, stories.write_tokenizer),
        predicts=False,
    ),
}

STEPS = {"max_steps": 8, "batch_size": 8, "micro_batch_size": 3, "batching": "padded", "evaluate_every": 3, "seed": 5}
KEPT = {"best": {"metric": "macro_f1"}, "early_stopping": {"patience": 9}, "clip_norm": None, "keep": "last"}
CHOSEN: dict[str, Any] = {
    "loss": {"name": "cross-entropy", "label_smoothing": 0.1, "class_weights": "balanced"},
    "optimizer": {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    "schedule": {"name": "cosine", "warmup_steps": 2},
    "training": STEPS | KEPT,
}
DROPOUT = {"pooling": "mean", "dropout": 0.2}
TRAINED = {"from_scratch": {"architecture": "network", "tokenizer": {"train": "bpe", "vocabulary": 280}}}
OTHERS: dict[str, Case] = {
    "chosen-fields": Case(
        spec("text-classification", {"pretrained": "network", **DROPOUT}, data=TEXTS, **CHOSEN), with_weights
    ),
    "spec-in-a-folder": Case(
        {
            **spec("text-classification", {"from_scratch": {"architecture": "../network"}}),
            "data": {"train": "../train.jsonl", "validation": 0.25, "test": "../test.jsonl", "max_length": 16},
        },
        of_rows(labelled, CNN),
        place="spec/task.yaml",
    ),
    "trained-tokenizer": Case(spec("text-classification", TRAINED, data={"max_length": 32}), of_rows(labelled, LSTM)),
    "module": Case(
        spec("text-classification", {"module": "net_torch:build", "tokenizer": "network"}, data=TEXTS),
        with_modules,
        module=True,
        predicts=False,
    ),
}
CASES: dict[str, Case] = {**LABELLED, **LANGUAGE, **OTHERS}

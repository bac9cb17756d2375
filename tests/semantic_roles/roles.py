"""A tiny task of predicates: which word is an argument of which role depends on the predicate alone."""

import json
from pathlib import Path
from typing import Any

from tests import tiny
from tests.token_classification import sentences

NOUNS, VERBS = ("dog", "cat", "bird", "tree"), ("run", "eat")


def row(number: int) -> dict[str, Any]:
    """Return two verbs with a noun before, between and behind; one verb is the predicate, with a noun on each side.

    Rows 2k and 2k + 1 have the same words.
    """
    nouns = [NOUNS[(number // 2 * step + step) % len(NOUNS)] for step in (1, 3, 5)]
    verbs = [VERBS[number // 4 % 2], VERBS[number // 8 % 2]]
    tokens = ["the", f"{nouns[0]}s", verbs[0], "the", f"{nouns[1]}y", f"{verbs[1]}ing", "the", nouns[2], "."]
    index = 2 if number % 2 else 5
    tags = ["O"] * len(tokens)
    tags[index - 2 : index] = ["B-ARG0", "I-ARG0"]
    tags[index : index + 3] = ["B-V", "B-ARG1", "I-ARG1"]
    return {"tokens": tokens, "predicate_index": index, "tags": tags}


def write_rows(path: Path, count: int, start: int = 0) -> Path:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row(number)) + "\n" for number in range(start, start + count)))
    return path


def write_task(folder: Path, **changes: Any) -> Path:
    """Write model, data and a spec into a folder; "a__b" changes field a.b of the spec."""
    tiny.write_model(folder / "model")
    sentences.write_tokenizer(folder / "model")
    write_rows(folder / "train.jsonl", 48)
    write_rows(folder / "validation.jsonl", 12, start=100)
    write_rows(folder / "test.jsonl", 12, start=200)
    spec: dict[str, Any] = {
        "task": "semantic-role-labeling",
        "model": {"pretrained": "model", "dropout": 0.0},
        "data": {"train": "train.jsonl", "validation": "validation.jsonl", "test": "test.jsonl", "max_length": 24},
        "optimizer": {"name": "adamw", "learning_rate": 1e-2},
        "training": {"epochs": 4, "batch_size": 8, "seed": 3},
    }
    return tiny.write_spec(folder, spec, changes)

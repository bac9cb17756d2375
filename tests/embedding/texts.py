"""A tiny task of sentence embedding: pairs with and without scores, and triplets, of the tiny model's words."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests import tiny

COLOURS = ("red", "green", "blue")
THINGS = ("dog", "cat", "bird", "tree", "house", "river", "stone")
SCORED = {"name": "cosine-similarity", "score_at_zero": 0.0, "score_at_one": 4.0}


def pair(number: int) -> dict[str, Any]:
    """Return two texts of one colour and thing, that no other pair below 21 has."""
    colour, thing = COLOURS[number % 3], THINGS[number % 7]
    return {"text_a": f"{colour} {thing}", "text_b": f"old {thing} {colour} {' '.join(['warm'] * (number % 4))}"}


def scored(number: int) -> dict[str, Any]:
    """Return two texts, 0 to 4 of whose words are the same, and that number."""
    same = number % 5
    words = tiny.WORDS[number % 7 : number % 7 + 8]
    return {"text_a": " ".join(words[:4]), "text_b": " ".join(words[4 - same : 8 - same]), "score": float(same)}


def triplet(number: int) -> dict[str, Any]:
    """Return a pair's texts, and one of the next."""
    return {
        "anchor": pair(number)["text_a"],
        "positive": pair(number)["text_b"],
        "negative": pair(number + 1)["text_b"],
    }


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def write_task(folder: Path, kind: Any = pair, **changes: Any) -> Path:
    """Write model, data and a spec into a folder; "a__b" changes field a.b of the spec."""
    if not (folder / "model").exists():
        tiny.write_model(folder / "model")
    write(folder / "train.jsonl", [kind(number) for number in range(21)])
    write(folder / "validation.jsonl", [kind(number) for number in range(100, 110)])
    write(folder / "test.jsonl", [kind(number) for number in range(200, 212)])
    spec: dict[str, Any] = {
        "task": "sentence-embedding",
        "model": {"pretrained": "model", "dropout": 0.0},
        "data": {"train": "train.jsonl", "validation": "validation.jsonl", "test": "test.jsonl", "max_length": 16},
        "optimizer": {"name": "adamw", "learning_rate": 5e-3},
        "training": {"epochs": 4, "batch_size": 8, "seed": 3},
    }
    return tiny.write_spec(folder, spec, changes)

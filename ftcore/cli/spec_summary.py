"""Builds the summary that `ftcore spec check` prints of a bound spec."""

from pathlib import Path
from typing import Any

from ftcore.data import data_statistics
from ftcore.runs import Bound


def summary(path: Path, bound: Bound) -> dict[str, Any]:
    """Return what a run of the spec would find."""
    return {
        "spec": str(path),
        "task": bound.spec.task,
        "data": data_statistics(bound.data),
        "model": bound.network.summary(),
        "training": _training(bound),
    }


def _training(bound: Bound) -> dict[str, Any]:
    spec, plan = bound.spec, bound.plan
    return {
        "steps": plan.total_steps,
        "warmup_steps": plan.learning_rates.warmup_steps,
        "batch_size": plan.batch_size,
        "evaluate_every": plan.evaluate_every,
        "loss": spec.loss.name,
        "optimizer": spec.optimizer.name,
        "learning_rate": plan.learning_rates.peak,
        "schedule": spec.schedule.name,
        "best_metric": plan.best_metric,
        **_sizes(bound),
    }


def _sizes(bound: Bound) -> dict[str, int | None]:
    """Return about how many bytes of memory a step needs, and the bytes of a checkpoint; None for an own module."""
    size = bound.network.state_size(bound.optimizer)
    if size is None:
        return {"step_bytes": None, "checkpoint_bytes": None}
    activations = bound.network.activation_bytes(bound.data.train, bound.plan)
    return {"step_bytes": size.step + activations, "checkpoint_bytes": size.checkpoint}

"""What `ftcore spec check` reports of a spec with everything that it names found and checked."""

import math
from pathlib import Path
from typing import Any

from ftcore.data.statistics import statistics
from ftcore.runs.binding import Bound
from ftcore.runs.language_binding import BoundLanguage
from ftcore.runs.module_run import BoundModule
from ftcore.runs.run import AnyBound


def summary(path: Path, bound: AnyBound) -> dict[str, Any]:
    """Return what a run of the spec would meet."""
    return {
        "spec": str(path),
        "task": bound.spec.task,
        "data": statistics(bound.data),
        "model": _module(bound) if isinstance(bound, BoundModule) else _model(bound),
        "training": _training(bound),
    }


def _model(bound: Bound | BoundLanguage) -> dict[str, Any]:
    plan, trained = bound.model, bound.trainable
    sizes = {parameter.name: math.prod(parameter.shape) for parameter in plan.network.parameters}
    return {
        "family": plan.network.architecture.family,
        "parameters": sum(sizes.values()),
        "trainable": sum(size for name, size in sizes.items() if trained is None or name in trained),
        "pretrained": plan.source is not None,
        "dtype": plan.dtype,
        "new": list(plan.new),
        "ignored": list(plan.ignored),
    }


def _module(bound: BoundModule) -> dict[str, Any]:
    weights = None if bound.weights is None else str(bound.weights)
    return {"module": bound.source.text, "file": str(bound.source.file), "weights": weights}


def _training(bound: AnyBound) -> dict[str, Any]:
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
    }

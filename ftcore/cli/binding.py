"""Everything that a run does before its first step, without a backend: what `ftcore spec check` reports."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ftcore.data.prepare import PreparedData
from ftcore.loop.observer import Silent
from ftcore.loop.plan import TrainingPlan, plan_training
from ftcore.loop.run import prepare_data
from ftcore.models.parameters import trainable_names
from ftcore.models.plan import ModelPlan, plan_model
from ftcore.spec.reading import load_spec
from ftcore.spec.task_spec import TaskSpec
from ftcore.tasks import TASKS


class _Notes(Silent):
    """Hands notes on and keeps quiet about the rest."""

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify

    def note(self, text: str) -> None:
        """Hand a note on."""
        self._notify(text)


def bind(path: Path, overrides: Sequence[str], notify: Callable[[str], None]) -> dict[str, Any]:
    """Read a spec, its data and its model, and return what a run would meet.

    Args:
        path: the spec.
        overrides: "a.b=value" each.
        notify: told what the user should know of the data.

    Raises:
        FtcoreError: a run of this spec would stop with the same error.
    """
    spec, base = load_spec(path, overrides), path.parent
    task = TASKS[spec.task]
    data = prepare_data(spec, base, _Notes(notify))
    model = plan_model(spec.model, task.outputs(data.labels), spec.data.pair, spec.training.seed, base)
    return {
        "spec": str(path),
        "task": spec.task,
        "labels": list(data.labels),
        "data": _splits(data),
        "overlap": dict(data.overlap),
        "model": _model(spec, model),
        "training": _training(spec, _plan(spec, len(data.train))),
    }


def _plan(spec: TaskSpec, examples: int) -> TrainingPlan:
    task = TASKS[spec.task]
    metric = spec.training.best.metric or task.metric
    mode = spec.training.best.mode or task.modes[metric]
    return plan_training(spec.training, spec.schedule, spec.optimizer.learning_rate, examples, metric, mode)


def _splits(data: PreparedData) -> dict[str, dict[str, Any]]:
    return {
        split: {
            "rows": report.rows,
            "rejected": report.rejected,
            "duplicates": report.duplicates,
            "truncated": report.truncated,
            "tokens": report.tokens,
            "per_label": dict(report.per_label),
        }
        for split, report in data.reports.items()
    }


def _model(spec: TaskSpec, plan: ModelPlan) -> dict[str, Any]:
    sizes = {parameter.name: math.prod(parameter.shape) for parameter in plan.network.parameters}
    trained = trainable_names(spec.model.trainable, plan.network)
    return {
        "family": plan.network.architecture.family,
        "parameters": sum(sizes.values()),
        "trainable": sum(size for name, size in sizes.items() if trained is None or name in trained),
        "pretrained": plan.source is not None,
        "dtype": plan.dtype,
        "new": list(plan.new),
        "ignored": list(plan.ignored),
    }


def _training(spec: TaskSpec, plan: TrainingPlan) -> dict[str, Any]:
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

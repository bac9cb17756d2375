"""Checks that the parts of a spec fit together; each check returns its problems."""

from typing import TYPE_CHECKING

from ftcore.contract import discovery as backends
from ftcore.contract.losses import LOSSES
from ftcore.data import unused_fields
from ftcore.helpers import did_you_mean
from ftcore.models import OwnModule
from ftcore.parts import Place, Problems
from ftcore.spec.batching import batching_problems
from ftcore.tasks import TASKS, Task

if TYPE_CHECKING:
    from ftcore.spec.task_spec import TaskSpec


def problems(spec: "TaskSpec") -> Problems:
    """Return every problem: its place, what is wrong, and what is allowed."""
    task = TASKS[spec.task]
    return [
        *_loss(spec, task),
        *_per_output(spec),
        *_columns(spec, task),
        *[(("data", *place), text) for place, text in unused_fields(spec.data)],
        *_best(spec, task),
        *_early_stopping(spec),
        *_backends(spec),
        *_module(spec),
        *batching_problems(spec.training, LOSSES[spec.loss.name]),
        *task.input.problems(spec),
        *task.target.problems(spec),
    ]


def _loss(spec: "TaskSpec", task: Task) -> Problems:
    allowed = [loss.name for loss in task.target.losses]
    if spec.loss.name in allowed:
        return []
    return [(("loss",), f"{spec.loss.name} does not fit the task {task.name}; allowed: {', '.join(allowed)}")]


def _per_output(spec: "TaskSpec") -> Problems:
    """Check weights per label against `data.labels`, if both are given."""
    found: Problems = []
    labels = getattr(spec.data, "labels", None)
    for name, value in spec.loss:
        if labels is None or not isinstance(value, dict | list):
            continue
        if isinstance(value, list) and len(value) != len(labels):
            found.append((("loss", name), f"given {len(value)} numbers for {len(labels)} labels (data.labels)"))
        if isinstance(value, dict):
            unknown = [label for label in value if label not in labels]
            found += [
                (("loss", name, label), f"no label of data.labels{did_you_mean(label, labels)}") for label in unknown
            ]
    return found


def _columns(spec: "TaskSpec", task: Task) -> Problems:
    """Check that every column belongs to the task."""
    return [(("data", "columns", name), text) for name, text in task.unknown_columns(spec.data.columns).items()]


def _best(spec: "TaskSpec", task: Task) -> Problems:
    metric, allowed = spec.training.best.metric, list(task.target.modes_of(spec.loss.name))
    if metric is None or metric in allowed:
        return []
    near = did_you_mean(metric, allowed)
    return [(("training", "best", "metric"), f"given {metric!r}{near}; allowed: {', '.join(allowed)}")]


def _early_stopping(spec: "TaskSpec") -> Problems:
    if spec.training.early_stopping is None or spec.data.validation is not None:
        return []
    return [(("training", "early_stopping"), "needs data.validation: a file, or a fraction of train such as 0.1")]


def _backends(spec: "TaskSpec") -> Problems:
    registered = backends.names()
    return [
        (("backend", name), f"no such backend{did_you_mean(name, registered)}; allowed: {', '.join(registered)}")
        for name in spec.backend
        if name not in registered
    ]


def _module(spec: "TaskSpec") -> Problems:
    """Check settings that do not work with a user's own module, of which only the logits are known."""
    if not isinstance(spec.model, OwnModule) or spec.model.module is None:
        return []
    unfit: dict[Place, tuple[bool, str]] = {
        ("training", "batching"): (
            spec.training.batching == "packed",
            "given packed; allowed for a module: padded, sorted",
        ),
        ("precision",): (spec.precision != "float32", "is not for a module, which has its own precision: leave it out"),
        ("output", "dtype"): (
            spec.output.dtype is not None,
            "is not for a module, whose tensors keep their type: leave it out",
        ),
    }
    return [(place, text) for place, (wrong, text) in unfit.items() if wrong]

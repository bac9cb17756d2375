"""The table of baselines and fine-tuned runs, one row for each method."""

from collections.abc import Sequence
from dataclasses import dataclass

from ftcore.comparison.records import Record
from ftcore.errors import RunError
from ftcore.targets import Target


@dataclass(frozen=True)
class MethodResult:
    """One method for the task, and its result.

    Attributes:
        name: "majority class", "frozen features", "from scratch" or "fine-tuned".
        backend: the backend that computed it; None if none was needed.
        split: "test", or "validation" if there is no test.
        metric: name of the task's metric.
        value: value of the metric.
        seconds: time of training and evaluation.
        detail: further facts, such as the most frequent class.
    """

    name: str
    backend: str | None
    split: str
    metric: str
    value: float
    seconds: float
    detail: str = ""


def shown_metric(target: Target, record: Record) -> str:
    """Return the target's metric, or, if the run does not have it, the first of the target's metrics that it has."""
    found = (name for name in target.modes if name != "loss" and record.final(name) is not None)
    return target.metric if record.final(target.metric) is not None else next(found, target.metric)


def row_of_run(name: str, record: Record, metric: str, detail: str = "") -> MethodResult | None:
    """Return the row of a run; None if it has neither a test nor a validation split."""
    final = record.final(metric)
    if final is None:
        return None
    split, value = final
    return MethodResult(name, record.backend, split, metric, value, float(record.result["seconds"]), detail)


def fine_tuned(records: Sequence[Record], metric: str) -> list[MethodResult]:
    """Return a row for each backend's run."""
    rows = [row_of_run("fine-tuned", record, metric, _steps(record)) for record in records]
    return [row for row in rows if row is not None]


def one_split(rows: Sequence[MethodResult]) -> tuple[MethodResult, ...]:
    """Return the rows, which must be of one split.

    Raises:
        RunError: they are of different splits, so they cannot be in one table.
    """
    splits = sorted({row.split for row in rows})
    if len(splits) > 1:
        raise RunError(f"the baselines and runs were measured on different splits: {', '.join(splits)}")
    return tuple(rows)


def _steps(record: Record) -> str:
    steps, kept = record.result["steps"], record.result["best_step"]
    return (
        f"{steps} steps" if kept == steps else f"{steps} steps; weights kept from the best evaluation, at step {kept}"
    )

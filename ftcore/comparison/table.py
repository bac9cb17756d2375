"""What fine-tuning bought: one row a way to get a classifier."""

from collections.abc import Sequence
from dataclasses import dataclass

from ftcore.comparison.records import Record
from ftcore.errors import RunError
from ftcore.targets import Target


@dataclass(frozen=True)
class MethodResult:
    """One way to do the task, and how well it does.

    Attributes:
        name: what was done: "majority class", "frozen features", "from scratch", "fine-tuned".
        backend: which backend did it; None where none was needed.
        split: "test", or "validation" where there is no test.
        metric: the task's own.
        value: of the metric.
        seconds: of training and evaluation.
        detail: what else to know, such as the class that is most frequent.
    """

    name: str
    backend: str | None
    split: str
    metric: str
    value: float
    seconds: float
    detail: str = ""


def shown_metric(target: Target, record: Record) -> str:
    """Return the target's metric, or where the data does not have it the first of the target's that a run has."""
    found = (name for name in target.modes if name != "loss" and record.final(name) is not None)
    return target.metric if record.final(target.metric) is not None else next(found, target.metric)


def row_of_run(name: str, record: Record, metric: str, detail: str = "") -> MethodResult | None:
    """Return the row of a run; None where it has neither a test nor a validation split."""
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
    """Return the rows, which must speak of one split.

    Raises:
        RunError: they do not; then the numbers must not stand in one table.
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

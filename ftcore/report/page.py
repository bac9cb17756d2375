"""Collects everything that the template shows as plain values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ftcore.report import numbers, tables
from ftcore.report.lines import Line
from ftcore.report.lockstep import COLUMNS, lockstep_table
from ftcore.report.plots import Plot, plots
from ftcore.report.source import Source


@dataclass(frozen=True)
class Fact:
    """One number in the row of facts under the verdict."""

    value: str
    words: str


@dataclass(frozen=True)
class Page:
    """The content of a report.

    Attributes:
        title: task, model and data in one line.
        task, model, data: the same separately.
        agree: whether the runs agree.
        verdicts: (the decision, the verdict in words) for each pair of backends.
        facts: the numbers that matter most.
        backends: names, in order.
        plots: every plot.
        lockstep, metrics, speeds, bought, checks, environment: tables; `bought_metric` is what `bought` measures.
        lockstep_columns: the quantities of `lockstep`.
        notes: (backend, text) of each note from the runs.
        spec: the spec as run, in YAML.
    """

    title: str
    task: str
    model: str
    data: str
    agree: bool
    verdicts: tuple[tuple[bool | None, str], ...]
    facts: tuple[Fact, ...]
    backends: tuple[str, ...]
    plots: tuple[Plot, ...]
    lockstep: list[Line]
    lockstep_columns: tuple[str, ...]
    metrics: list[Line]
    speeds: list[Line]
    bought: list[Line]
    bought_metric: str
    checks: list[Line]
    environment: list[Line]
    notes: tuple[tuple[str, str], ...]
    spec: str


def page(source: Source) -> Page:
    """Return the content of a comparison's report."""
    comparison, records = source.comparison, source.records
    subject, backends = comparison["subject"], tuple(comparison["backends"])
    rows = comparison["table"]
    return Page(
        title=f"{subject['task']}: {subject['model']} on {subject['data']}",
        task=subject["task"],
        model=subject["model"],
        data=subject["data"],
        agree=comparison["agree"],
        verdicts=tuple((pair["agree"], pair["verdict"]) for pair in comparison["pairs"]),
        facts=_facts(source),
        backends=backends,
        plots=plots(source),
        lockstep=lockstep_table(comparison["pairs"]),
        lockstep_columns=COLUMNS,
        metrics=tables.metrics(records),
        speeds=tables.speeds(records),
        bought=tables.bought(rows) if len(rows) > len(records) else [],
        bought_metric=f"{rows[0]['split']} {rows[0]['metric']}" if rows else "",
        checks=tables.checks(comparison["checks"], backends),
        environment=tables.environment(records),
        notes=tuple((record.backend, note) for record in records for note in record.result.get("notes", [])),
        spec=records[0].spec,
    )


def _facts(source: Source) -> tuple[Fact, ...]:
    agreements = [pair["agreement"] for pair in source.comparison["pairs"]]
    largest = [item["largest"] for item in agreements]
    apart = None if None in largest else max(largest)
    metric = source.comparison["subject"]["metric"]
    facts = _lockstep_facts(source.comparison["pairs"])
    words = f"largest relative difference of the free-running losses, {agreements[0]['steps']} steps"
    facts.append(Fact(numbers.apart(apart), words))
    for record in source.records:
        final = record.final(metric)
        if final is not None:
            facts.append(Fact(numbers.metric(final[1]), f"{final[0]} {metric}, {record.backend}"))
    return tuple(facts)


def _lockstep_facts(pairs: Sequence[Mapping[str, Any]]) -> list[Fact]:
    """Return how many steps were taken from the same states."""
    steps = [step for pair in pairs if pair.get("lockstep") is not None for step in pair["lockstep"]["steps"]]
    counts = Counter(step["precision"] for step in steps)
    return [Fact(str(count), f"steps from the same state in {precision}") for precision, count in counts.items()]

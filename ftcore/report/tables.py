"""Builds the tables of a report: rows of text, with bars to compare numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ftcore.comparison import Record, short
from ftcore.report import numbers
from ftcore.report.lines import Cell, Line


def metrics(records: Sequence[Record]) -> list[Line]:
    """Return the final metrics: one cell per backend, and the largest difference from the first."""
    lines = []
    for split in ("test", "validation"):
        finals = [record.result["metrics"].get(split, {}) for record in records]
        for name in dict.fromkeys(name for final in finals for name in final):
            values = [float(final[name]) for final in finals if name in final]
            apart = max(abs(value - values[0]) for value in values)
            cells = [Cell(numbers.metric(float(final[name])) if name in final else "undefined") for final in finals]
            lines.append(Line(f"{split} {name}", (*cells, Cell(numbers.apart(apart)))))
    return lines


SPEEDS: tuple[tuple[str, str, str, Callable[[float], str]], ...] = (
    ("examples a second", "more is better", "examples_per_second", numbers.rate),
    ("tokens a second", "more is better", "tokens_per_second", numbers.rate),
    (
        "of the matrix-multiply limit",
        "operations on real tokens, over the best rate of the machine's libraries",
        "limit_share",
        numbers.share,
    ),
    ("time to first step", "less is better", "seconds_to_first_step", numbers.seconds),
    ("training and evaluation", "less is better", "seconds", numbers.seconds),
    ("peak memory", "less is better", "peak_memory_bytes", numbers.size),
)
"""The rows about speed: label, how to read it, field of result.json, and format."""


def speeds(records: Sequence[Record]) -> list[Line]:
    """Return speed, time and memory with bars; values that were not measured are omitted."""
    lines = []
    for words, note, field, text in SPEEDS:
        if any(record.result[field] is None for record in records):
            continue
        values = [float(record.result[field]) for record in records]
        most = max(values) or 1.0
        cells = (Cell(text(value), 100 * value / most, place) for place, value in enumerate(values))
        lines.append(Line(words, tuple(cells), note))
    return lines


def bought(rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Return the baselines and the fine-tuned runs with bars of their metric."""
    return [
        Line(
            row["name"] if row["backend"] is None else f"{row['name']} ({row['backend']})",
            (
                Cell(numbers.metric(row["value"]), 100 * min(max(row["value"], 0.0), 1.0), int(not _is_run(row))),
                Cell(numbers.seconds(row["seconds"])),
            ),
            row["detail"],
        )
        for row in rows
    ]


def checks(found: Sequence[Mapping[str, Any]], backends: Sequence[str]) -> list[Line]:
    """Return the properties that must be the same in every run."""
    return [
        Line(check["subject"], tuple(Cell(check["values"][name]) for name in backends), differs=not check["same"])
        for check in found
    ]


def environment(records: Sequence[Record]) -> list[Line]:
    """Return the environment of each run; versions last."""
    described = [_described(record.environment) for record in records]
    names = list(dict.fromkeys(name for values in described for name in values))
    return [Line(name, tuple(Cell(values.get(name, "-")) for values in described)) for name in names]


def _is_run(row: Mapping[str, Any]) -> bool:
    return str(row["name"]) == "fine-tuned"


def _described(environment: Mapping[str, Any]) -> dict[str, str]:
    values = {name.replace("_", " "): str(environment[name]) for name in PLAIN if name in environment}
    values |= {f"option {name}": str(value) for name, value in environment.get("options", {}).items()}
    values["memory"] = numbers.size(environment["memory_bytes"])
    values["pretrained weights, sha256"] = short(environment["weights_sha256"] or "none")
    values |= {f"{path}, sha256": short(sha256) for path, sha256 in environment["data"].items()}
    return values | {f"{name} version": str(version) for name, version in sorted(environment["packages"].items())}


PLAIN = ("device", "processor", "cores", "threads", "platform", "python", "seed")
"""Fields of environment.json that are shown unchanged."""

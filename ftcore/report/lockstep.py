"""Shows the steps that were taken from the same state: in the plot of differences, and as a table."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from ftcore.report import numbers
from ftcore.report.lines import Cell, Line

COLUMNS = ("loss", "gradients", "moments", "updates")
"""Quantities of the table."""
DRAWN = "gradients"
"""The quantity of a step in the plot: the one that rounding moves most."""


def lockstep_traces(pairs: Sequence[Mapping[str, Any]]) -> list[go.Scatter]:
    """Return marks for the steps taken from the same state in the run's precision, and the curve of the twin."""
    traces = [
        _marks(place, f"same state: {DRAWN} of {pair['second']}", _points(pair))
        for place, pair in enumerate(pairs, start=1)
        if pair.get("lockstep") is not None
    ]
    twin = pairs[0].get("twin")
    return traces if twin is None else [*traces, _twin(f"{pairs[0]['first']} and its twin", twin["relative"])]


def lockstep_table(pairs: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Return a line for each step that was taken from the same state."""
    proven = [pair for pair in pairs if pair.get("lockstep") is not None]
    return [_line(pair["second"], step) for pair in proven for step in pair["lockstep"]["steps"]]


def _line(backend: str, step: Mapping[str, Any]) -> Line:
    errors = {one["name"]: one for one in step["quantities"]}
    cells = tuple(Cell(numbers.apart(errors[name]["error"]) if name in errors else "-") for name in COLUMNS)
    wrong = next((one for one in step["quantities"] if _wrong(one)), None)
    last = Cell("the same step" if wrong is None else f"{wrong['name']} {wrong['where']}")
    return Line(f"step {step['step']}", (*cells, last), f"{backend}, {step['precision']}", differs=wrong is not None)


def _wrong(quantity: Mapping[str, Any]) -> bool:
    return quantity["error"] is None or quantity["error"] > quantity["bound"]


def _points(pair: Mapping[str, Any]) -> Iterator[tuple[int, float]]:
    """Yield the steps of the run's precision, which come first, with the drawn error where it is above 0."""
    steps = pair["lockstep"]["steps"]
    for step in steps:
        for one in step["quantities"]:
            if step["precision"] == steps[0]["precision"] and one["name"] == DRAWN and one["error"]:
                yield step["step"], one["error"]


def _marks(place: int, name: str, points: Iterator[tuple[int, float]]) -> go.Scatter:
    known = sorted(points)
    return go.Scatter(
        x=[step for step, _ in known],
        y=[error for _, error in known],
        mode="markers+lines",
        name=escape(name),
        line={"width": 1, "dash": "dot"},
        marker={"size": 8, "symbol": "diamond"},
        meta={"color": f"series-{(place + 1) % 4}"},
        hovertemplate="%{y:.1e}",
    )


def _twin(name: str, relative: Sequence[float]) -> go.Scatter:
    return go.Scatter(
        x=list(range(1, len(relative) + 1)),
        y=[value or None for value in relative],
        mode="lines",
        name=escape(name),
        line={"width": 1.25, "dash": "dash"},
        meta={"color": "series-0"},
        hovertemplate="%{y:.1e}",
    )

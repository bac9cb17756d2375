"""Draws the plots as plotly figures without colours; the page adds those of its light or dark theme.

`meta.color` of a trace, and `name` of a shape, select one of the page's colours.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ftcore.comparison import Record, curve_difference
from ftcore.report.lockstep import lockstep_traces
from ftcore.report.thinning import evenly, peaks

COLORS = 4
"""Number of the page's colours; a fifth backend has the first colour again, dashed."""
BENEATH = 3.0
"""Equal losses are drawn below the smallest difference by this factor."""


def losses(records: Sequence[Record]) -> go.Figure:
    """Return the loss of each step, one curve per backend, the first one wide so that both are visible."""
    traces = [_curve(place, record, record.training.losses) for place, record in enumerate(records)]
    return _figure(traces, "loss")


def learning_rates(records: Sequence[Record]) -> go.Figure:
    """Return the learning rate of each step."""
    traces = [_curve(place, record, record.training.learning_rates) for place, record in enumerate(records)]
    return _figure(traces, "learning rate")


def gradient_norms(records: Sequence[Record]) -> go.Figure:
    """Return the global gradient norm of each step, before clipping."""
    traces = [_curve(place, record, record.training.grad_norms) for place, record in enumerate(records)]
    return _figure(traces, "gradient norm")


def evaluations(records: Sequence[Record], split: str, metric: str) -> go.Figure:
    """Return a metric of a split at each evaluation."""
    traces = []
    for place, record in enumerate(records):
        points = [item for item in record.evaluations if item.split == split and metric in item.metrics]
        steps, values = [item.step for item in points], [item.metrics[metric] for item in points]
        traces.append(_trace(place, record.backend, steps, values, mode="lines+markers"))
    return _figure(traces, escape(metric))


def differences(records: Sequence[Record], pairs: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Return the relative difference of the losses from those of the first backend on a log scale.

    Beside it are the differences of the steps that were taken from the same state, and the reference's twin.

    Args:
        records: each backend's run.
        pairs: for each backend but the first, its entry in comparison.json.
    """
    first, *others = records
    found = [curve_difference(first.training, other.training) for other in others]
    bound = pairs[0]["agreement"]["bound"]
    lowest, highest = _range(np.concatenate([curve.relative for curve in found]), bound)
    traces = []
    for place, (other, curve) in enumerate(zip(others, found, strict=True), start=1):
        kept = peaks(curve.relative)
        steps, relative = curve.steps[kept], curve.relative[kept].clip(max=highest)
        traces += _difference(place, f"{first.backend} and {other.backend}", steps, relative, lowest)
    traces += lockstep_traces(pairs)
    last = max(int(curve.steps[-1]) for curve in found)
    return _figure([*traces, _bound(bound, last)], "relative difference").update_yaxes(type="log", dtick=1)


def _range(relative: np.ndarray, bound: float) -> tuple[float, float]:
    """Return where to draw equal losses and infinite differences, which have no position on a log axis."""
    visible = relative[(relative > 0) & np.isfinite(relative)]
    return float(visible.min(initial=bound)) / BENEATH, float(visible.max(initial=bound)) * BENEATH


def _difference(place: int, name: str, steps: np.ndarray, relative: np.ndarray, lowest: float) -> list[go.Scatter]:
    """Return a curve of the steps that differ, and marks below it for steps that are equal to the last bit."""
    apart = relative > 0
    curve = _trace(place, name, steps[apart].tolist(), relative[apart].tolist(), "lines+markers")
    curve.update(line_width=1.25, marker_size=4, hovertemplate="%{y:.1e}")
    equal = _trace(place, name, steps[~apart].tolist(), [lowest] * int((~apart).sum()), "markers")
    mark = {"size": 6, "symbol": "line-ns", "line": {"width": 1}}
    equal.update(marker=mark, opacity=0.7, hovertemplate="equal", showlegend=not apart.any())
    return [trace for trace in (curve, equal) if trace.x]


def _bound(bound: float, last: int) -> go.Scatter:
    return go.Scatter(
        x=[1, last],
        y=[bound, bound],
        mode="lines",
        name=f"bound {bound:g}",
        line={"width": 1.5, "dash": "dash"},
        meta={"color": "bound"},
        hoverinfo="skip",
    )


def _curve(place: int, record: Record, values: np.ndarray) -> go.Scatter:
    kept = evenly(len(values))
    return _trace(place, record.backend, record.training.steps[kept].tolist(), values[kept].tolist(), "lines")


def _trace(place: int, name: str, steps: list[int], values: list[float], mode: str) -> go.Scatter:
    below = place == 0
    return go.Scatter(
        x=steps,
        y=values,
        mode=mode,
        name=escape(name),
        opacity=0.4 if below else 1.0,
        line={"width": 7 if below else 1.75, "dash": "solid" if place < COLORS else "dot"},
        marker={"size": 11 if below else 5},
        meta={"color": f"series-{place % COLORS}"},
    )


def _figure(traces: Sequence[go.Scatter], quantity: str) -> go.Figure:
    layout = {
        "template": "none",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 64, "r": 12, "t": 34, "b": 44},
        "hovermode": "x unified",
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"title": {"text": "step"}, "zeroline": False, "showgrid": False, "rangemode": "tozero"},
        "yaxis": {"title": {"text": quantity}, "zeroline": False, "automargin": True, "exponentformat": "e"},
    }
    return go.Figure(data=list(traces), layout=layout)

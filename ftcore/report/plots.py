"""Lists the plots of a report with their place on the page."""

from dataclasses import dataclass

import plotly.graph_objects as go

from ftcore.report import curves
from ftcore.report.source import Source

ABOUT_DIFFERENCES = (
    "Log scale. The curve is of two runs that are free of each other: rounding grows along it, so it does not decide. "
    "Diamonds are steps that both backends took from the same state, where nothing can grow. Marks at the lower edge "
    "are steps whose losses are equal to the last bit."
)


@dataclass(frozen=True)
class Plot:
    """A plot on the page.

    Attributes:
        key: the id of its element.
        section: "losses", "evaluation" or "steps".
        title: its heading.
        note: how to read it.
        figure: the plotly figure.
    """

    key: str
    section: str
    title: str
    note: str
    figure: go.Figure


def plots(source: Source) -> tuple[Plot, ...]:
    """Return every plot."""
    return (*_losses(source), *_evaluations(source), *_steps(source))


def _losses(source: Source) -> list[Plot]:
    return [
        Plot(
            "loss",
            "losses",
            "Loss",
            "Of each training step. Drag to zoom, double-click to see all.",
            curves.losses(source.records),
        ),
        Plot(
            "difference",
            "losses",
            "Relative difference of the losses",
            ABOUT_DIFFERENCES,
            curves.differences(source.records, source.comparison["pairs"]),
        ),
    ]


def _evaluations(source: Source) -> list[Plot]:
    points = [item for record in source.records for item in record.evaluations if item.split == "validation"]
    names = list(dict.fromkeys(name for item in points for name in item.metrics))
    return [
        Plot(
            f"evaluation-{number}",
            "evaluation",
            f"Validation {name}",
            "",
            curves.evaluations(source.records, "validation", name),
        )
        for number, name in enumerate(names)
    ]


def _steps(source: Source) -> list[Plot]:
    return [
        Plot("learning-rate", "steps", "Learning rate", "", curves.learning_rates(source.records)),
        Plot("gradient-norm", "steps", "Gradient norm, before clipping", "", curves.gradient_norms(source.records)),
    ]

"""Renders a page as one HTML file with style, script and plotly.js; nothing is fetched."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from plotly.graph_objects import Figure
from plotly.offline import get_plotlyjs

from ftcore.report.page import Page

TEMPLATES = Path(__file__).parent / "templates"


def render(page: Page) -> str:
    """Return the HTML; all text of the page is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = figure_json
    # The library is trusted: escaping would break it.
    return environment.get_template("report.html.j2").render(page=page, plotly=Markup(get_plotlyjs()))  # noqa: S704


def figure_json(figure: Figure) -> Markup:
    """Return a figure as JSON that cannot close the script element around it."""
    return Markup(str(figure.to_json()).replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704

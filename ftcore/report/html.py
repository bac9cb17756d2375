"""Writes report.html from the folder of a comparison; needs the `report` extra, but no framework."""

import importlib.util
from pathlib import Path

from ftcore.errors import RunError
from ftcore.files import write_text

PACKAGES = ("jinja2", "plotly")
"""Packages of the `report` extra."""


def write_report(folder: Path) -> Path:
    """Write report.html from comparison.json and the run folders beside it; return its path.

    Args:
        folder: the folder of a finished comparison.

    Raises:
        RunError: the folder holds no finished comparison, or the `report` extra is not installed.
    """
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise RunError(
            f"{folder / 'comparison.json'} is written; report.html needs {' and '.join(missing)}: "
            "run pip install 'ftcore[report]', then repeat the command"
        )
    from ftcore.report.page import page
    from ftcore.report.rendering import render
    from ftcore.report.source import read_source

    path = folder / "report.html"
    write_text(path, render(page(read_source(folder))))
    return path

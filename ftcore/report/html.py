"""report.html from a comparison's folder alone; needs the `report` extra and no framework."""

import importlib.util
from pathlib import Path

from ftcore.errors import RunError
from ftcore.files import write_text

PACKAGES = ("jinja2", "plotly")
"""Of the `report` extra."""


def write_report(folder: Path) -> Path:
    """Write report.html from comparison.json and the run folders beside it; return its path.

    Args:
        folder: a finished comparison's.

    Raises:
        RunError: the folder holds no finished comparison, or the `report` extra is not installed.
    """
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise RunError(
            f"{folder / 'comparison.json'} is written; report.html needs {' and '.join(missing)}: "
            "pip install 'ftcore[report]', then the same command writes it"
        )
    from ftcore.report.page import page
    from ftcore.report.rendering import render
    from ftcore.report.source import read_source

    path = folder / "report.html"
    write_text(path, render(page(read_source(folder))))
    return path

"""Prints tables and formats numbers for the screen."""

from collections.abc import Iterable, Mapping, Sequence

import typer

UNFOLDED = 10_000
"""Line width of output that is not folded."""


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on standard output: with rules on a terminal, as plain columns elsewhere."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        # A file or pipe has no width, so nothing is folded or cut.
        console = Console(highlight=False, width=UNFOLDED)
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False, header_style="bold")
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def print_markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table on standard output."""
    for row in (header, ["---"] * len(header), *rows):
        cells = (" ".join(cell.split()).replace("|", "\\|") for cell in row)
        typer.echo(f"| {' | '.join(cells)} |")


def metrics_text(metrics: Mapping[str, float]) -> str:
    """Return metrics on one line: "accuracy 0.9312  loss 0.2714"."""
    return "  ".join(f"{name} {value:.4f}" for name, value in metrics.items())

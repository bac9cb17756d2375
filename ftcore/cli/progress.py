"""Shows the progress of a run: a progress bar on a terminal, or a line from time to time elsewhere."""

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from ftcore.cli.tables import metrics_text

if TYPE_CHECKING:
    from rich.progress import Progress

    from ftcore.observer import Observer

SHARES = 10
"""Lines that a run prints after that of its first step, at equal intervals."""
SILENCE = 30.0
"""Seconds without output after which a line is printed in any case."""


def observer() -> "Observer":
    """Return the observer that suits standard error."""
    from rich.console import Console

    return RichProgress() if Console(stderr=True).is_terminal else PlainProgress()


def print_note(text: str) -> None:
    """Print a message for the user on standard error."""
    typer.echo(f"note: {text}", err=True)


class RichProgress:
    """A progress bar for training, and lines above it, on standard error."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._bar: Progress | None = None

    def stage(self, text: str) -> None:
        """Print the stage that begins."""
        self._print(text, style="dim")

    def started(self, total_steps: int, first_step: int) -> None:
        """Show the bar."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._bar.add_task("", total=total_steps, completed=first_step - 1)
        self._bar.start()

    def step(self, index: int, loss: float | None, learning_rate: float, examples_per_second: float) -> None:
        """Move the bar."""
        if self._bar is not None:
            description = step_text(loss, learning_rate, examples_per_second)
            self._bar.update(self._bar.task_ids[0], completed=index, description=description)

    def evaluated(self, split: str, step: int, metrics: Mapping[str, float]) -> None:
        """Print the metrics above the bar."""
        self._print(f"step {step}  {split}  {metrics_text(metrics)}")

    def note(self, text: str) -> None:
        """Print a note above the bar."""
        self._print(text, style="yellow")

    def finished(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(text, style=style, markup=False)


class PlainProgress:
    """Lines on standard error: about ten for the steps of a run."""

    def __init__(self) -> None:
        self._total = 0
        self._first = 1
        self._printed = 0.0

    def stage(self, text: str) -> None:
        """Print the stage that begins."""
        typer.echo(text, err=True)

    def started(self, total_steps: int, first_step: int) -> None:
        """Print the number of steps."""
        self._total, self._first = total_steps, first_step
        begin = "" if first_step == 1 else f" from step {first_step}"
        typer.echo(f"training {total_steps} steps{begin}", err=True)

    def step(self, index: int, loss: float | None, learning_rate: float, examples_per_second: float) -> None:
        """Print a line for the first step, after each tenth of the run, and after a long silence."""
        share = math.ceil(self._total / SHARES)
        now = time.monotonic()
        if index == self._first or index % share == 0 or now - self._printed > SILENCE:
            self._printed = now
            typer.echo(f"step {index}/{self._total}  {step_text(loss, learning_rate, examples_per_second)}", err=True)

    def evaluated(self, split: str, step: int, metrics: Mapping[str, float]) -> None:
        """Print the metrics."""
        typer.echo(f"step {step}  {split}  {metrics_text(metrics)}", err=True)

    def note(self, text: str) -> None:
        """Print a note."""
        typer.echo(f"note: {text}", err=True)

    def finished(self) -> None:
        """Print nothing: the command prints the result."""


class RowCount:
    """Shows how many rows are done and the speed: a bar on a terminal, or a line from time to time elsewhere."""

    def __init__(self, hidden: bool = False) -> None:
        """Begin to count.

        Args:
            hidden: show nothing before the end, because the terminal shows the rows themselves.
        """
        from rich.console import Console

        self.rows = 0
        self._began = self._printed = time.monotonic()
        console = Console(stderr=True)
        self._status = console.status("") if console.is_terminal and not hidden else None
        self._hidden = hidden
        if self._status is not None:
            self._status.start()

    def __call__(self, rows: int) -> None:
        """Count rows that are done."""
        self.rows += rows
        now = time.monotonic()
        if self._status is not None:
            self._status.update(self.text())
        elif not self._hidden and now - self._printed > SILENCE:
            self._printed = now
            typer.echo(self.text(), err=True)

    def __enter__(self) -> "RowCount":
        return self

    def __exit__(self, *error: object) -> None:
        if self._status is not None:
            self._status.stop()

    def text(self) -> str:
        """Return the count and the speed so far."""
        seconds = max(time.monotonic() - self._began, 1e-9)
        return f"{self.rows:,} rows, {self.rows / seconds:,.0f} rows/s"


def step_text(loss: float | None, learning_rate: float, examples_per_second: float) -> str:
    """Return a step's numbers on one line."""
    parts = [] if loss is None else [f"loss {loss:.4f}"]
    parts.append(f"learning rate {learning_rate:.2e}")
    if examples_per_second > 0:
        parts.append(f"{examples_per_second:.0f} examples/s")
    return "  ".join(parts)

"""Who watches a run: the command line draws a progress bar, a library user may pass an own observer."""

from collections.abc import Callable, Mapping
from typing import Protocol

RowsDone = Callable[[int], None]
"""Told how many rows more were evaluated or predicted."""


def nobody(rows: int) -> None:
    """Take a number of rows, and do nothing with it."""


class Observer(Protocol):
    """Told what a run is doing; what it returns is not used."""

    def stage(self, text: str) -> None:
        """A new stage begins, such as reading data."""

    def started(self, total_steps: int, first_step: int) -> None:
        """Training begins at `first_step` (1, or later when it resumes)."""

    def step(self, index: int, loss: float | None, learning_rate: float, examples_per_second: float) -> None:
        """A step was sent to the device; `loss` is the newest that has been read, None before the first."""

    def evaluated(self, split: str, step: int, metrics: Mapping[str, float]) -> None:
        """A split was evaluated."""

    def note(self, text: str) -> None:
        """Something that the user should know."""

    def finished(self) -> None:
        """Training ended."""


class Silent:
    """Watches and says nothing."""

    def stage(self, text: str) -> None:
        """Say nothing."""

    def started(self, total_steps: int, first_step: int) -> None:
        """Say nothing."""

    def step(self, index: int, loss: float | None, learning_rate: float, examples_per_second: float) -> None:
        """Say nothing."""

    def evaluated(self, split: str, step: int, metrics: Mapping[str, float]) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def finished(self) -> None:
        """Say nothing."""
